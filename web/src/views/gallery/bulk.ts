import { ApiError } from "@/api/client";

/** What became of a job on many images. */
export interface Outcome {
  /** Ids for which it is done. */
  done: number[];
  /** Ids that were not tried, or of which it is not known. */
  open: number[];
  /** Why it ended early; null if it did not. */
  error: ApiError | null;
}

/**
 * Sends ids in pieces, one after the other, and stops at the first that fails: what hinders one piece (the store is
 * away, the session is over) hinders the next.
 * @param tell  called with the number done so far
 */
export async function inPieces(
  ids: readonly number[],
  size: number,
  send: (piece: number[]) => Promise<unknown>,
  tell: (done: number) => void = () => {},
): Promise<Outcome> {
  for (let start = 0; start < ids.length; start += size) {
    try {
      await send(ids.slice(start, start + size));
    } catch (reason) {
      return { done: ids.slice(0, start), open: ids.slice(start), error: asApiError(reason) };
    }
    tell(Math.min(start + size, ids.length));
  }
  return { done: [...ids], open: [], error: null };
}

/** Does something for each, so many at a time; the results stand in the order of the items, null for what failed. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<(Result | null)[]> {
  const results: (Result | null)[] = items.map(() => null);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const mine = next;
      next += 1;
      results[mine] = await work(items[mine]!).catch(() => null);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}

function asApiError(reason: unknown): ApiError {
  if (reason instanceof ApiError) return reason;
  return new ApiError(0, reason instanceof Error ? reason.message : "It did not work.");
}
