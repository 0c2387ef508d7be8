import { describe, expect, test } from "vitest";

import { ApiError } from "@/api/client";

import { eachOf, inPieces } from "./bulk";

const ids = Array.from({ length: 25 }, (_, at) => at + 1);

describe("a job in pieces", () => {
  test("sends everything once, in order, and tells how far it is", async () => {
    const sent: number[][] = [];
    const told: number[] = [];
    const outcome = await inPieces(
      ids,
      10,
      async (piece) => sent.push(piece),
      (done) => told.push(done),
    );
    expect(sent.map((piece) => piece.length)).toEqual([10, 10, 5]);
    expect(sent.flat()).toEqual(ids);
    expect(told).toEqual([10, 20, 25]);
    expect(outcome).toEqual({ done: ids, open: [], error: null });
  });

  test("ends at the first piece that fails, and says what is done and what is open", async () => {
    let pieces = 0;
    const outcome = await inPieces(ids, 10, async () => {
      pieces += 1;
      if (pieces === 2) throw new ApiError(502, "the store is away");
    });
    expect(pieces).toBe(2);
    expect(outcome.done).toEqual(ids.slice(0, 10));
    expect(outcome.open).toEqual(ids.slice(10));
    expect(outcome.error?.message).toBe("the store is away");
  });

  test("nothing to do is done", async () => {
    expect(await inPieces([], 10, async () => {})).toEqual({ done: [], open: [], error: null });
  });
});

describe("something for each", () => {
  test("never does more at once than it may, and keeps the order", async () => {
    let running = 0;
    let most = 0;
    const results = await eachOf(ids, 4, async (id) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      return id * 2;
    });
    expect(most).toBe(4);
    expect(results).toEqual(ids.map((id) => id * 2));
  });

  test("one that fails leaves the others alone", async () => {
    const results = await eachOf([1, 2, 3], 2, async (id) => {
      if (id === 2) throw new Error("no");
      return id;
    });
    expect(results).toEqual([1, null, 3]);
  });
});
