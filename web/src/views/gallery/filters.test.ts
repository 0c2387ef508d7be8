import { describe, expect, test } from "vitest";

import {
  addressParameters,
  changedFilters,
  countNarrowing,
  type Filters,
  isNarrowed,
  matches,
  queryOf,
  readFilters,
  usualFilters,
} from "./filters";
import { imageForTest } from "./image_for_test";

function filters(changes: Partial<Filters>): Filters {
  return { ...usualFilters, ...changes };
}

const everything: Filters = {
  q: "black cat",
  source: 3,
  state: "failed",
  type: "image/png",
  failure: "timeout",
  nsfw: "only",
  minSize: 1000,
  maxSize: 2000,
  after: "2026-01-05",
  before: "2026-02-01",
  sort: "-size",
};

describe("filters in the address", () => {
  test("the usual ones leave the address empty", () => {
    expect(Object.values(addressParameters(usualFilters)).every((value) => value === null)).toBe(true);
    expect(readFilters({})).toEqual(usualFilters);
  });

  test("all of them go into the address and come back", () => {
    const given = Object.entries(addressParameters(everything)).filter((entry) => entry[1] !== null);
    expect(given).toHaveLength(11);
    expect(readFilters(Object.fromEntries(given) as Record<string, string>)).toEqual(everything);
  });

  test("what means nothing is passed over", () => {
    const odd = {
      source: "x",
      state: "gone",
      nsfw: "1",
      min_size: "-5",
      after: "yesterday",
      before: "2026-1-1",
      sort: "name",
    };
    expect(readFilters(odd)).toEqual(usualFilters);
  });

  test("a kind of failure stands only beside failed", () => {
    expect(readFilters({ failure: "timeout" }).failure).toBeNull();
    expect(readFilters({ state: "failed", failure: "timeout" }).failure).toBe("timeout");
  });

  test("each state has its order, which does not stand in the address", () => {
    expect(readFilters({ state: "failed" }).sort).toBe("-found_at");
    expect(addressParameters(filters({ state: "failed", sort: "-found_at" })).sort).toBeNull();
  });
});

describe("a change of filters", () => {
  test("another state takes along its own order", () => {
    expect(changedFilters(usualFilters, { state: "failed" }).sort).toBe("-found_at");
  });

  test("an order that was chosen stays", () => {
    expect(changedFilters(filters({ sort: "size" }), { state: "failed" }).sort).toBe("size");
  });

  test("another state leaves the kind of failure behind", () => {
    expect(changedFilters(everything, { state: "stored" }).failure).toBeNull();
  });
});

describe("what the backend is asked", () => {
  test("everything by its own name", () => {
    expect(queryOf(everything)).toEqual({
      q: "black cat",
      source: 3,
      state: "failed",
      type: "image/png",
      failure_kind: "timeout",
      nsfw: true,
      min_size: 1000,
      max_size: 2000,
      found_after: new Date(2026, 0, 5).toISOString(),
      found_before: new Date(2026, 1, 2).toISOString(),
      sort: "-size",
    });
  });

  test("hiding is left to the page, since most sources do not say", () => {
    expect(queryOf(usualFilters)).toEqual({ state: "stored", sort: "-stored_at" });
    expect(queryOf(filters({ nsfw: "show" }))).toEqual(queryOf(usualFilters));
  });

  test("all is no state", () => {
    expect(queryOf(filters({ state: "all" }))).not.toHaveProperty("state");
  });
});

describe("whether an image belongs into the list", () => {
  const image = imageForTest({ title: "A Black Cat", type: "image/png", size_bytes: 1500, source_id: 3 });

  test.each<[string, Partial<Filters>, boolean]>([
    ["nothing asked", {}, true],
    ["its state", { state: "failed" }, false],
    ["all", { state: "all" }, true],
    ["its source", { source: 3 }, true],
    ["another source", { source: 4 }, false],
    ["its type", { type: "image/png" }, true],
    ["its kind of type", { type: "image/*" }, true],
    ["another type", { type: "image/gif" }, false],
    ["words of the title", { q: "cat bla" }, true],
    ["a word that is not there", { q: "cat dog" }, false],
    ["a size within", { minSize: 1500, maxSize: 1500 }, true],
    ["a larger size", { minSize: 1501 }, false],
    ["a smaller size", { maxSize: 1499 }, false],
    ["its day", { after: "2026-01-09", before: "2026-01-11" }, true],
    ["a later day", { after: "2026-01-12" }, false],
    ["an earlier day", { before: "2026-01-08" }, false],
    ["only nsfw", { nsfw: "only" }, false],
  ])("%s", (_, changes, expected) => {
    expect(matches(filters(changes), image)).toBe(expected);
  });

  test("one that is said to be nsfw is hidden, one of which nothing is said is not", () => {
    expect(matches(usualFilters, imageForTest({ nsfw: true }))).toBe(false);
    expect(matches(usualFilters, imageForTest({ nsfw: null }))).toBe(true);
    expect(matches(filters({ nsfw: "show" }), imageForTest({ nsfw: true }))).toBe(true);
  });

  test("all leaves out what is deleted", () => {
    expect(matches(filters({ state: "all" }), imageForTest({ state: "deleted" }))).toBe(false);
  });
});

describe("how much is narrowed down", () => {
  test("counts what is not in sight", () => {
    expect(countNarrowing(usualFilters)).toBe(0);
    expect(countNarrowing(everything)).toBe(8);
  });

  test("a state alone, or nsfw shown, narrows nothing down", () => {
    expect(isNarrowed(filters({ state: "failed", nsfw: "show" }))).toBe(false);
    expect(isNarrowed(filters({ q: "cat" }))).toBe(true);
    expect(isNarrowed(filters({ nsfw: "only" }))).toBe(true);
  });
});
