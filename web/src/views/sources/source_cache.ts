import type { Image, Source } from "@/api/client";
import type { ServerEvents } from "@/api/events";
import type { components } from "@/api/schema";

export type Poll = components["schemas"]["Polls"]["items"][number];

const mostPolls = 50;

/** The list with this source as it is now: in its place, or at the end if it is new. */
export function withSource(list: Source[], source: Source): Source[] {
  const place = list.findIndex((one) => one.id === source.id);
  if (place < 0) return [...list, source].toSorted((a, b) => a.id - b.id);
  return list.with(place, source);
}

export function withoutSource(list: Source[], id: number): Source[] {
  return list.filter((one) => one.id !== id);
}

/** The polls with one that has just ended, the newest first. */
export function withPoll(polls: Poll[], ended: ServerEvents["poll_ended"]["poll"]): Poll[] {
  const others = polls.filter((one) => one.id !== ended.id);
  return [ended, ...others].toSorted((a, b) => b.id - a.id).slice(0, mostPolls);
}

/** A source's counts after one of its images came to an end; the backend's own counts may be some seconds old. */
export function countedAnew<Counted extends Source>(source: Counted, image: Pick<Image, "state">): Counted {
  if (image.state !== "stored" && image.state !== "failed") return source;
  const counts = { ...source.counts };
  counts[image.state] += 1;
  if (counts.storing > 0) counts.storing -= 1;
  else if (counts.pending > 0) counts.pending -= 1;
  return { ...source, counts };
}

/** Whatever the source has told of, what was deleted since included. */
export function foundCount({ counts }: Pick<Source, "counts">): number {
  return counts.pending + counts.storing + counts.stored + counts.failed + counts.deleted;
}

/** Whether the source is looked at by itself; images added by hand are not found anywhere. */
export function isPolled({ type }: Pick<Source, "type">): boolean {
  return type !== "direct";
}

/** Which of the three actions a state allows. */
export interface Allowed {
  start: boolean;
  stop: boolean;
  fetch: boolean;
}

export function allowed({ state, type }: Pick<Source, "state" | "type">): Allowed {
  if (!isPolled({ type })) return { start: false, stop: false, fetch: false };
  return {
    start: state === "stopped" || state === "stopping",
    stop: state === "idle" || state === "blocked" || state === "fetching",
    fetch: state === "stopped" || state === "idle" || state === "blocked",
  };
}
