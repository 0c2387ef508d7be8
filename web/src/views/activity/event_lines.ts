import type { Image, Source } from "@/api/client";
import type { ServerEvent, ServerEvents } from "@/api/events";
import { failureWords } from "@/format/failures";
import { bytes, count, counted } from "@/format/numbers";

export type LineKind = "stored" | "failed" | "retrying" | "source" | "poll" | "trouble" | "missed";

/** What is told of an event, in a line. */
export interface EventLine {
  /** Different for each line of the log. */
  key: number;
  kind: LineKind;
  /** When it happened, as ISO 8601 has it. */
  at: string;
  title: string;
  detail: string;
  /** The image that it is about. */
  image?: { id: number; hasThumbnail: boolean };
  /** The source that it is about. */
  sourceId?: number;
}

export type NewLine = Omit<EventLine, "key">;

/** Larger images are not fetched for the sake of a thumbnail. */
const largestThumbnail = 2_000_000;

/** Gives the name of a source, if it is known. */
export type SourceName = (id: number) => string | undefined;

/** What is told of an event; null for what goes without saying. */
export function lineOf(event: ServerEvent, nameOf: SourceName, now: string): NewLine | null {
  switch (event.name) {
    case "image_stored":
      return storedLine(event.data);
    case "image_failed":
      return failedLine(event.data);
    case "source_changed":
      return sourceLine(event.data, now);
    case "source_deleted":
      return { kind: "source", at: now, title: sourceName(nameOf, event.data.id), detail: "Deleted; its images stay" };
    case "poll_ended":
      return pollLine(event.data, nameOf, now);
    case "missed":
      return {
        kind: "missed",
        at: now,
        title: "More has happened",
        detail: "More events than the page was told of; the counts are right",
      };
    case "counters":
      return null;
  }
}

function storedLine(image: Image): NewLine {
  const size = image.size_bytes === null ? null : bytes(image.size_bytes);
  const shape = image.width !== null && image.height !== null ? `${image.width} × ${image.height}` : null;
  return {
    kind: "stored",
    at: image.stored_at ?? image.updated_at,
    title: titleOf(image),
    detail: [image.source, shape, size].filter((part) => part !== null).join(" · "),
    image: { id: image.id, hasThumbnail: image.size_bytes !== null && image.size_bytes <= largestThumbnail },
    sourceId: image.source_id,
  };
}

function failedLine(image: Image): NewLine {
  const what = image.failure_kind === null ? "Failed" : failureWords(image.failure_kind).what;
  const isOver = image.state === "failed";
  return {
    kind: isOver ? "failed" : "retrying",
    at: image.updated_at,
    title: titleOf(image),
    detail: [image.source, what, isOver ? null : "is tried again"].filter((part) => part !== null).join(" · "),
    image: { id: image.id, hasThumbnail: false },
    sourceId: image.source_id,
  };
}

const stateWords: Record<Source["state"], string> = {
  stopped: "Stopped",
  idle: "Waits for its next poll",
  fetching: "Is polled now",
  blocked: "Is left alone, as its server asks",
  stopping: "Is being stopped",
};

function sourceLine(source: Source, now: string): NewLine {
  return {
    kind: source.state === "blocked" || (source.state === "stopped" && source.reason) ? "trouble" : "source",
    at: now,
    title: source.name,
    detail: source.reason ? `${stateWords[source.state]}: ${source.reason}` : stateWords[source.state],
    sourceId: source.id,
  };
}

function pollLine({ source_id, poll }: ServerEvents["poll_ended"], nameOf: SourceName, now: string): NewLine {
  const found = poll.found === 0 ? "found nothing" : `found ${counted(poll.found, "image")}, ${count(poll.new)} new`;
  return {
    kind: poll.failure ? "trouble" : "poll",
    at: poll.ended_at ?? now,
    title: sourceName(nameOf, source_id),
    detail: poll.failure
      ? `Poll failed: ${failureWords(poll.failure.kind).what} · ${poll.failure.message}`
      : `Polled: ${found}`,
    sourceId: source_id,
  };
}

function titleOf(image: Image): string {
  return image.title || image.file_name || image.image_id;
}

function sourceName(nameOf: SourceName, id: number): string {
  return nameOf(id) ?? `Source ${id}`;
}

/** Of more images than can be read at once, only so many are shown one by one. */
const mostAtOnce = 8;

const foldedTitles: Partial<Record<LineKind, (folded: string) => string>> = {
  stored: (folded) => `${folded} stored`,
  failed: (folded) => `${folded} failed`,
  retrying: (folded) => `${folded} to be tried again`,
};

/**
 * Lines, the oldest first, with a crowd of images of one kind folded: the newest stay, and one line before them says how
 * many more there were.
 */
export function folded(lines: readonly NewLine[], most = mostAtOnce): NewLine[] {
  const left = new Map<LineKind, number>();
  for (const line of lines) left.set(line.kind, (left.get(line.kind) ?? 0) + 1);
  const kept: NewLine[] = [];
  for (const kind of Object.keys(foldedTitles) as LineKind[]) {
    const surplus = (left.get(kind) ?? 0) - most;
    if (surplus <= 0) continue;
    const last = lines.findLast((line) => line.kind === kind)!;
    const title = foldedTitles[kind]!(counted(surplus, "more image"));
    kept.push({ kind, at: last.at, title, detail: "Too many at once to show each" });
  }
  for (const line of lines) {
    const ahead = left.get(line.kind) ?? 0;
    left.set(line.kind, ahead - 1);
    if (ahead <= most || !(line.kind in foldedTitles)) kept.push(line);
  }
  return kept;
}
