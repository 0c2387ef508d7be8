/** Rates at a moment, as the backend's counters told them. */
export interface RatePoint {
  /** Milliseconds since 1970. */
  at: number;
  stored: number;
  failed: number;
  bytes: number;
}

export interface Span {
  from: number;
  to: number;
}

/** Counters come every second; with none for longer than this nobody knows what happened in between. */
export const longestStep = 4_000;

/** The points from `from` on, in rows without a gap. */
export function rows(points: readonly RatePoint[], from: number): RatePoint[][] {
  const found: RatePoint[][] = [];
  let last = -Infinity;
  for (const point of points) {
    if (point.at < from) continue;
    if (point.at - last > longestStep) found.push([]);
    found.at(-1)?.push(point);
    last = point.at;
  }
  return found;
}

/** The times after the first point of which nothing is known, the present one counted. */
export function gaps(points: readonly RatePoint[], from: number, to: number): Span[] {
  const found: Span[] = [];
  const ends = [...points.map((point) => point.at), to];
  for (let next = 1; next < ends.length; next += 1) {
    const [start, end] = [ends[next - 1]!, ends[next]!];
    if (end - start > longestStep && end > from) found.push({ from: Math.max(start, from), to: end });
  }
  return found;
}

/** The time before the first figures came; null if it lies before what is shown, or none have come yet. */
export function unseen(since: number | null, from: number, to: number): Span | null {
  return since === null || since <= from ? null : { from, to: Math.min(since, to) };
}

/** A few round marks from nothing to at least `most`: 0, 20, 40, 60. */
export function axisTicks(most: number): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? 10 * power;
  const steps = Math.ceil((most / step) * 0.999);
  // Multiplied, not added up, so that 0.3 stays 0.3.
  return Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** How a value becomes a place on the drawing. */
export type Scale = (value: number) => number;

export function scale(from: number, to: number, start: number, end: number): Scale {
  return (value) => start + ((value - from) / (to - from)) * (end - start);
}

type Value = (point: RatePoint) => number;

/** The path of a line along the points; one point alone is a short dash. */
export function linePath(row: readonly RatePoint[], value: Value, x: Scale, y: Scale): string {
  if (row.length === 1) {
    const [only] = row;
    return `M${place(x(only!.at) - 1)} ${place(y(value(only!)))}h2`;
  }
  return row.map((point, index) => `${index ? "L" : "M"}${place(x(point.at))} ${place(y(value(point)))}`).join("");
}

/** The path around what lies between the line and nothing. */
export function areaPath(row: readonly RatePoint[], value: Value, x: Scale, y: Scale): string {
  const [first, last] = [row[0], row.at(-1)];
  if (!first || !last || first === last) return "";
  return `${linePath(row, value, x, y)}L${place(x(last.at))} ${place(y(0))}L${place(x(first.at))} ${place(y(0))}Z`;
}

function place(value: number): string {
  return value.toFixed(1);
}

export interface Summary {
  /** Null while the connection is lost. */
  now: number | null;
  most: number;
  mean: number;
}

/** A series in three numbers. */
export function summary(points: readonly RatePoint[], value: Value, from: number, to: number): Summary {
  const values = points.filter((point) => point.at >= from).map(value);
  const last = points.at(-1);
  return {
    now: last && to - last.at <= longestStep ? value(last) : null,
    most: Math.max(0, ...values),
    mean: values.length === 0 ? 0 : values.reduce((sum, one) => sum + one, 0) / values.length,
  };
}

/** The point at a time, as near as a second; null where nothing is known. */
export function pointAt(points: readonly RatePoint[], at: number): RatePoint | null {
  let nearest: RatePoint | null = null;
  for (const point of points) {
    if (nearest === null || Math.abs(point.at - at) < Math.abs(nearest.at - at)) nearest = point;
  }
  return nearest && Math.abs(nearest.at - at) <= longestStep / 2 ? nearest : null;
}

export interface HourBar {
  /** Its beginning. */
  hour: Date;
  stored: number;
  failed: number;
  bytes: number;
}

const hourLength = 3_600_000;

/** The last `count` hours, the oldest first, with those in which nothing happened. */
export function hourBars(
  told: readonly { hour: string; stored: number; failed: number; bytes: number }[],
  now: Date,
  count: number,
): HourBar[] {
  const known = new Map(told.map((one) => [new Date(one.hour).getTime(), one]));
  const present = Math.floor(now.getTime() / hourLength) * hourLength;
  return Array.from({ length: count }, (_, index) => {
    const start = present - (count - 1 - index) * hourLength;
    const { stored = 0, failed = 0, bytes = 0 } = known.get(start) ?? {};
    return { hour: new Date(start), stored, failed, bytes };
  });
}
