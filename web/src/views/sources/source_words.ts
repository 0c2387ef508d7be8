import type { components } from "@/api/schema";

export type SourceType = components["schemas"]["SourceTypes"]["items"][number];
export type SettingSpec = SourceType["settings"][number];

/** What one reaches for first stands first. */
const first = [
  "imgur",
  "feed",
  "wikimedia-commons",
  "nasa-apod",
  "reddit",
  "mastodon-tag",
  "flickr-feed",
  "lemmy",
  "openverse",
  "json",
  "list",
];
/** Kinds that need more than a name or an address. */
const general = ["json", "list"];

/** A kind as people know it; while the kinds are not known, by its own name. */
export function typeLabel(types: SourceType[] | undefined, name: string): string {
  return types?.find((type) => type.name === name)?.label ?? name;
}

export interface KindGroups {
  wellKnown: SourceType[];
  general: SourceType[];
}

/** The kinds a source can be made of, in the order in which they are offered. */
export function kindGroups(types: SourceType[]): KindGroups {
  const place = (type: SourceType) => {
    const known = first.indexOf(type.name);
    return known < 0 ? first.length : known;
  };
  // What is not polled comes to be by adding images by hand.
  const made = types.filter((type) => type.polled);
  const sorted = made.toSorted((a, b) => place(a) - place(b) || a.label.localeCompare(b.label));
  return {
    wellKnown: sorted.filter((type) => !general.includes(type.name)),
    general: sorted.filter((type) => general.includes(type.name)),
  };
}

/** A line of help as a sentence: "without r/" becomes "Without r/." */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  return /[.!?]$/.test(trimmed) ? sentenceCase(trimmed) : `${sentenceCase(trimmed)}.`;
}

/** What the backend says about a field, as a sentence of its own: "is missing" becomes "Tag is missing." */
export function fieldMessage(label: string, detail: string): string {
  const plain = detail.replace(", or null to take it away,", ", or remove it,");
  return asSentence(/^(is|must|has|does|needs|may)\b/.test(plain) ? `${label} ${plain}` : plain);
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Settings that most people leave alone stand behind "More settings". */
export function isAdvanced(spec: SettingSpec): boolean {
  if (spec.required) return false;
  if (["headers", "integer", "number", "boolean"].includes(spec.type)) return true;
  return /(_param|^api_url|^follow_program|^authorization|^secret_headers)$/.test(spec.name);
}

/** Long texts in a language of their own. */
export function isProgram(spec: SettingSpec): boolean {
  return spec.type === "text" && /(^|_)program$/.test(spec.name);
}

/** Secrets of several lines. */
export function isSecretLines(spec: SettingSpec): boolean {
  return spec.type === "secret" && spec.name.endsWith("headers");
}

/** 5400 seconds as the field takes it: "90m". */
export function intervalText(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "m"],
  ];
  for (const [size, unit] of units) if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  return `${seconds}s`;
}

/** 5400 seconds for reading: "90 minutes". */
export function everyText(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  const [size, unit] = units.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, "second"];
  const times = seconds / size;
  return times === 1 ? `every ${unit}` : `every ${times.toLocaleString()} ${unit}s`;
}

/** The settings by which somebody would call a source, the best first. */
const naming = ["tag", "album", "subreddit", "category", "community", "words", "tags", "user_id"];
const longestName = 100;

/** A name for what was typed so far that no other source has; "" while nothing says anything. */
export function suggestedName(
  type: Pick<SourceType, "name" | "settings">,
  typed: { url: string; settings: Record<string, unknown> },
  taken: Iterable<string>,
): string {
  const base = bySettings(typed.settings) ?? byUrl(typed.url) ?? (type.settings.some(isNaming) ? "" : type.name);
  if (base === "") return "";
  const used = new Set(taken);
  let name = base.slice(0, longestName - 5).trim();
  for (let number = 2; used.has(name); ++number) name = `${base.slice(0, longestName - 5).trim()} ${number}`;
  return name;
}

function isNaming(spec: SettingSpec): boolean {
  return naming.includes(spec.name);
}

function bySettings(settings: Record<string, unknown>): string | undefined {
  for (const name of naming) {
    const value = settings[name];
    const text = Array.isArray(value) ? value.join(" ") : typeof value === "string" ? value : "";
    // Of an album's page the last part is its name; slashes would make folders.
    const last = text.trim().replace(/\/+$/, "").split("/").at(-1)?.trim();
    if (last) return last;
  }
  return undefined;
}

function byUrl(url: string): string | undefined {
  try {
    const parsed = new URL(url);
    if (parsed.hostname) return parsed.hostname.replace(/^www\./, "");
  } catch {
    // A path on the server, or not finished yet.
    const file = /^\/.*?([^/]+)$/.exec(url.trim())?.[1];
    if (file) return file.replace(/\.(txt|csv|jsonl|ndjson|gz)$/, "");
  }
  return url.trim() === "" ? undefined : "";
}
