import type { Image, Source } from "@/api/client";
import type { ServerEvent, ServerEvents } from "@/api/events";
import { failureWords, pollFailureWords } from "@/format/failures";
import { imageName } from "@/format/image_name";
import { bytes, count, counted } from "@/format/numbers";

export type LineKind = "stored" | "failed" | "retrying" | "source" | "poll" | "trouble" | "missed";

/** What is told of an event, in a line. */
export interface EventLine {
  /** Different for each line of the log. */
  key: number;
  kind: LineKind;
  /**
   * When the page was told of it, as ISO 8601 has it: the clocks of events differ, and the lines would jump about. Of
   * what was before that, when it happened.
   */
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
      return storedLine(event.data, now);
    case "image_failed":
      return failedLine(event.data, now);
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

/** What is told of an image whose event came before anybody listened; null if it has had none yet. */
export function pastLineOf(image: Image): NewLine | null {
  if (image.state === "stored") return storedLine(image, image.stored_at ?? image.updated_at);
  return image.failure_kind === null ? null : failedLine(image, image.updated_at);
}

function storedLine(image: Image, now: string): NewLine {
  const size = image.size_bytes === null ? null : bytes(image.size_bytes);
  const shape = image.width !== null && image.height !== null ? `${image.width} × ${image.height}` : null;
  return {
    kind: "stored",
    at: now,
    title: imageName(image),
    detail: [image.source, shape, size].filter((part) => part !== null).join(" · "),
    image: { id: image.id, hasThumbnail: image.size_bytes !== null && image.size_bytes <= largestThumbnail },
    sourceId: image.source_id,
  };
}

function failedLine(image: Image, now: string): NewLine {
  const what = image.failure_kind === null ? "Failed" : failureWords(image.failure_kind).what;
  const isOver = image.state === "failed";
  return {
    kind: isOver ? "failed" : "retrying",
    at: now,
    title: imageName(image),
    detail: [image.source, what, isOver ? null : "is tried again"].filter((part) => part !== null).join(" · "),
    image: { id: image.id, hasThumbnail: false },
    sourceId: image.source_id,
  };
}

/** The states in which a source stays; a poll passes through the others. */
const stateWords: Partial<Record<Source["state"], string>> = {
  stopped: "Stopped",
  idle: "Started",
  blocked: "Is left alone, as its server asks",
};

/** A source that began to run, stopped, or has to wait. */
function sourceLine(source: Source, now: string): NewLine | null {
  const words = stateWords[source.state];
  if (words === undefined) return null;
  // Of a source that runs, the reason is that of its last poll, which has a line of its own.
  const reason = source.state === "idle" ? null : source.reason;
  return {
    kind: source.state === "blocked" || reason ? "trouble" : "source",
    at: now,
    title: source.name,
    detail: reason ? `${words}: ${reason}` : words,
    sourceId: source.id,
  };
}

/**
 * Whether a source's state is worth a line after the one in which it was last seen to stay. Every poll takes a source
 * out of its state and back into it.
 */
export function isStateNews(source: Source, before: SourceStay | undefined): boolean {
  if (source.state === "idle") {
    // One that was never polled and runs has just been made.
    return before === undefined ? source.last_poll === null : before.state === "stopped";
  }
  return before?.state !== source.state || before.reason !== source.reason;
}

/** A state in which a source stayed, and why. */
export type SourceStay = Pick<Source, "state" | "reason">;

/** Whether a source stays as it is until something happens. */
export function isStay(state: Source["state"]): boolean {
  return state in stateWords;
}

/** A poll that failed or found something new; of the others there are too many. */
function pollLine({ source_id, poll }: ServerEvents["poll_ended"], nameOf: SourceName, now: string): NewLine | null {
  if (!poll.failure && poll.new === 0) return null;
  const found = `found ${counted(poll.found, "image")}, ${count(poll.new)} new`;
  if (poll.failure?.kind === "cancelled") {
    const title = sourceName(nameOf, source_id);
    const what = pollFailureWords(poll.failure).toLowerCase();
    return { kind: "poll", at: now, title, detail: `Poll ${what}: ${found}`, sourceId: source_id };
  }
  return {
    kind: poll.failure ? "trouble" : "poll",
    at: now,
    title: sourceName(nameOf, source_id),
    detail: poll.failure
      ? `Poll failed: ${failureWords(poll.failure.kind).what} · ${poll.failure.message}`
      : `Polled: ${found}`,
    sourceId: source_id,
  };
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
 * Lines, the oldest first, with a crowd of images of one kind folded: the newest stay, and one line in the place of the
 * others says how many there were.
 */
export function folded(lines: readonly NewLine[], most = mostAtOnce): NewLine[] {
  const left = new Map<LineKind, number>();
  for (const line of lines) left.set(line.kind, (left.get(line.kind) ?? 0) + 1);
  const surplus = new Map([...left].map(([kind, number]) => [kind, number - most]));
  const kept: NewLine[] = [];
  for (const line of lines) {
    const { kind, at } = line;
    const ahead = left.get(kind) ?? 0;
    left.set(kind, ahead - 1);
    const title = foldedTitles[kind];
    if (ahead <= most || !title) {
      kept.push(line);
    } else if (ahead === most + 1) {
      const more = counted(surplus.get(kind) ?? 0, "more image");
      kept.push({ kind, at, title: title(more), detail: "Too many at once to show each" });
    }
  }
  return kept;
}
