import { describe, expect, it } from "vitest";

import type { Source } from "@/api/client";
import {
  allowed,
  countedAnew,
  foundCount,
  type Poll,
  withoutSource,
  withPoll,
  withSource,
} from "@/views/sources/source_cache";

function source(id: number, name = `source ${id}`): Source {
  return {
    id,
    name,
    type: "feed",
    url: null,
    interval: 3600,
    rate_limit: null,
    state: "idle",
    blocked_until: null,
    reason: null,
    last_poll: null,
    next_poll: null,
    counts: { pending: 2, storing: 1, stored: 3, failed: 1, deleted: 1 },
    settings: {},
  };
}

function poll(id: number, found = 0): Poll {
  return { id, started_at: "2026-01-01T00:00:00Z", ended_at: "2026-01-01T00:00:01Z", found, new: 0, failure: null };
}

describe("the list of sources", () => {
  it("takes a source's new state in its place", () => {
    const list = withSource([source(1), source(2)], source(1, "other"));
    expect(list.map((one) => one.name)).toEqual(["other", "source 2"]);
  });

  it("takes a new source in by its number", () => {
    expect(withSource([source(1), source(3)], source(2)).map((one) => one.id)).toEqual([1, 2, 3]);
  });

  it("loses a deleted source", () => {
    expect(withoutSource([source(1), source(2)], 1).map((one) => one.id)).toEqual([2]);
  });
});

describe("the list of polls", () => {
  it("begins with the newest", () => {
    expect(withPoll([poll(2), poll(1)], poll(3)).map((one) => one.id)).toEqual([3, 2, 1]);
  });

  it("holds each poll once", () => {
    expect(withPoll([poll(2), poll(1)], poll(2, 7))).toEqual([poll(2, 7), poll(1)]);
  });
});

describe("a source's counts", () => {
  it("go on when an image is stored or has failed", () => {
    const stored = countedAnew(source(1), { state: "stored" });
    expect(stored.counts).toMatchObject({ stored: 4, storing: 0, pending: 2 });
    expect(countedAnew(stored, { state: "failed" }).counts).toMatchObject({ failed: 2, storing: 0, pending: 1 });
  });

  it("never fall below nothing", () => {
    const done = { ...source(1), counts: { pending: 0, storing: 0, stored: 0, failed: 0, deleted: 0 } };
    expect(countedAnew(done, { state: "stored" }).counts).toMatchObject({ pending: 0, storing: 0, stored: 1 });
  });

  it("say how many were found, what was deleted included", () => {
    expect(foundCount(source(1))).toBe(8);
  });
});

describe("the actions of a state", () => {
  it("are those that the backend takes", () => {
    const state = (state: Source["state"]) => allowed({ state, type: "feed" });
    expect(state("stopped")).toEqual({ start: true, stop: false, fetch: true });
    expect(state("idle")).toEqual({ start: false, stop: true, fetch: true });
    expect(state("blocked")).toEqual({ start: false, stop: true, fetch: true });
    expect(state("fetching")).toEqual({ start: false, stop: true, fetch: false });
    expect(state("stopping")).toEqual({ start: true, stop: false, fetch: false });
  });

  it("are none for images that are added by hand", () => {
    expect(allowed({ state: "stopped", type: "direct" })).toEqual({ start: false, stop: false, fetch: false });
  });
});
