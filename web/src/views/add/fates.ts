import { count } from "@/format/numbers";
import { type Entry, isUnderWay, type Totals } from "@/views/add/add_job";

export type Filter = "all" | "under way" | "stored" | "failed" | "refused" | "unsent";

interface FilterWords {
  name: Filter;
  label: string;
  count: (totals: Totals) => number;
}

/** What the list can be narrowed to. */
export const filters: FilterWords[] = [
  { name: "all", label: "All", count: (totals) => totals.all },
  { name: "under way", label: "Under way", count: underWay },
  { name: "stored", label: "Stored", count: (totals) => totals.stored },
  { name: "failed", label: "Failed", count: (totals) => totals.failed },
  { name: "refused", label: "Refused", count: (totals) => totals.refused },
  { name: "unsent", label: "Not sent", count: (totals) => totals.unsent },
];

export function isIn(entry: Entry, filter: Filter): boolean {
  if (filter === "all") return true;
  return filter === "under way" ? isUnderWay(entry) : entry.fate === filter;
}

function underWay(totals: Totals): number {
  return totals.waiting + totals.storing;
}

/** What became of them all, in a line. */
export function summary(totals: Totals): string {
  const taken = parts([
    [totals.added, "added"],
    [totals.known, "known already"],
    [totals.refused, "refused"],
  ]);
  const now = parts([
    [totals.stored, "stored"],
    [underWay(totals), "under way"],
    [totals.failed, "failed"],
    [totals.deleted, "deleted"],
  ]);
  return [taken, now && `Now ${now}.`].filter(Boolean).join(". ");
}

function parts(counts: [number, string][]): string {
  return counts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${count(number)} ${word}`)
    .join(", ");
}

/** What is read aloud: the turns alone, since numbers that change all the time tell nobody anything. */
export function spokenSummary(totals: Totals, isSending: boolean): string {
  if (isSending) return "Sending the URLs.";
  if (totals.unsent > 0) return "Sending has stopped.";
  return underWay(totals) > 0 ? "All are sent, and are being fetched." : `Done. ${summary(totals)}`;
}
