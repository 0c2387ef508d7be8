/** One line of the tree that shows how an answer is built. */
export interface ShapeLine {
  depth: number;
  /** The member's name; "each" inside a list, "" for the answer itself. */
  name: string;
  /** What a jq program would write to get there. */
  path: string;
  /** What is there: "object", "list of 3", or the value itself. */
  what: string;
  isValue: boolean;
}

const longestValue = 80;
const mostLines = 400;

/** The sample of an answer as lines of a tree; null if it is no whole JSON, because it was cut. */
export function shapeLines(sample: string): ShapeLine[] | null {
  let value: unknown;
  try {
    value = JSON.parse(sample);
  } catch {
    return null;
  }
  const lines: ShapeLine[] = [];
  add(lines, { depth: 0, name: "", path: "." }, value);
  return lines;
}

type Place = Pick<ShapeLine, "depth" | "name" | "path">;

function add(lines: ShapeLine[], place: Place, value: unknown) {
  if (lines.length >= mostLines) return;
  const depth = place.depth + 1;
  if (Array.isArray(value)) {
    lines.push({ ...place, what: value.length === 0 ? "empty list" : "list", isValue: false });
    if (value.length > 0) add(lines, { depth, name: "each", path: inList(place.path) }, value[0]);
    return;
  }
  if (typeof value === "object" && value !== null) {
    lines.push({ ...place, what: "object", isValue: false });
    for (const [name, member] of Object.entries(value))
      add(lines, { depth, name, path: inObject(place.path, name) }, member);
    return;
  }
  lines.push({ ...place, what: cut(JSON.stringify(value)), isValue: true });
}

function inList(path: string): string {
  return `${path}[]`;
}

function inObject(path: string, name: string): string {
  const step = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  return path === "." && step.startsWith(".") ? step : `${path}${step}`;
}

function cut(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}...` : text;
}
