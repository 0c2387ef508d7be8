import type { Source } from "@/api/client";
import { failureWords } from "@/format/failures";
import { bytes } from "@/format/numbers";

import type { Filters } from "./filters";
import { typeName } from "./image_words";

/** One filter that is on: what to call it, and the change that takes it off. */
export interface Chip {
  label: string;
  off: Partial<Filters>;
}

/** The filters that are on, besides the state, which has its own place. */
export function chipsOf(filters: Filters, sources: readonly Pick<Source, "id" | "name">[]): Chip[] {
  const chips: Chip[] = [];
  const add = (isOn: boolean, label: string, off: Partial<Filters>) => {
    if (isOn) chips.push({ label, off });
  };
  const { q, source, type, failure, nsfw, minSize, maxSize, after, before } = filters;
  add(q.trim() !== "", `“${q.trim()}”`, { q: "" });
  const named = sources.find((one) => one.id === source)?.name ?? `Source ${source}`;
  add(source !== null, named, { source: null });
  add(type !== "", typeName(type), { type: "" });
  add(failure !== null, failure === null ? "" : failureWords(failure).what, { failure: null });
  add(nsfw !== "hide", nsfw === "only" ? "NSFW only" : "NSFW shown", { nsfw: "hide" });
  add(minSize !== null, `At least ${bytes(minSize ?? 0)}`, { minSize: null });
  add(maxSize !== null, `At most ${bytes(maxSize ?? 0)}`, { maxSize: null });
  add(after !== null, `Found from ${dayText(after)}`, { after: null });
  add(before !== null, `Found to ${dayText(before)}`, { before: null });
  return chips;
}

function dayText(day: string | null): string {
  return day === null ? "" : new Date(`${day}T00:00:00`).toLocaleDateString(undefined, { dateStyle: "medium" });
}
