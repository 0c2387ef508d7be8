import type { ImageState } from "@/api/client";

import { type Filters, isNarrowed } from "./filters";

export type StateCounts = Record<ImageState, number>;

/** Why a list is empty. */
export type EmptyKind = "no_images" | "under_way" | "only_failed" | "all_hidden" | "none_in_state" | "no_match";

/**
 * What to say of a list in which nothing is shown, and `hidden` images are not. `counts` are of all images; null while
 * they are not known.
 */
export function emptyKind(filters: Filters, counts: StateCounts | null, hidden = 0): EmptyKind {
  if (hidden > 0) return "all_hidden";
  if (isNarrowed(filters)) return "no_match";
  const isOfState = filters.state !== "stored" && filters.state !== "all";
  if (counts === null) return isOfState ? "none_in_state" : "no_match";
  const { pending, storing, stored, failed } = counts;
  if (pending + storing + stored + failed === 0 && filters.state !== "deleted") return "no_images";
  if (isOfState) return "none_in_state";
  if (filters.state !== "stored" || stored > 0) return "no_match";
  return pending + storing > 0 ? "under_way" : "only_failed";
}

/** How many images a list has in all, where that is known without asking: only the state narrows it down. */
export function totalOf(filters: Filters, counts: StateCounts | null): number | null {
  if (counts === null || isNarrowed(filters)) return null;
  if (filters.state !== "all") return counts[filters.state];
  return counts.pending + counts.storing + counts.stored + counts.failed;
}
