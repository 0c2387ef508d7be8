import { count, counted } from "@/format/numbers";

/** What is known of a list's length. */
export interface ListLength {
  /** Images that are loaded and shown. */
  shown: number;
  /** Images that are loaded and hidden, since they are marked as not safe for work. */
  hidden: number;
  hasMore: boolean;
  /** Of all there are, hidden ones among them; null if it is not known. */
  total: number | null;
}

/** "37 images, 3 hidden as NSFW": how long a list is, without guessing. */
export function lengthWords({ shown, hidden, hasMore, total }: ListLength): string {
  if (!hasMore) return `${counted(shown, "image")}${hidden > 0 ? `, ${count(hidden)} hidden as NSFW` : ""}`;
  const all = total === null ? `more than ${count(shown)} images` : counted(Math.max(total, shown + hidden), "image");
  return hidden > 0 ? `${all}, some hidden as NSFW` : all;
}

/** The same for who listens: how many there are to go through now. */
export function spokenLength(length: ListLength): string {
  if (!length.hasMore) return lengthWords(length);
  const shown = counted(length.shown, "image");
  return length.total === null ? `The first ${shown}` : `${shown} of ${counted(length.total, "image")}`;
}
