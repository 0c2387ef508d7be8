import { expect, it } from "vitest";

import type { Source } from "@/api/client";

import { wantedSources } from "./wanted_sources";

function source(id: number, change: Partial<Source>): Source {
  return {
    id,
    name: `Source ${id}`,
    type: "feed",
    url: null,
    state: "idle",
    reason: null,
    settings: {},
    ...change,
  } as Source;
}

const sources = [
  source(1, { name: "Red birds", url: "https://birds.example/feed.xml" }),
  source(2, { name: "Blue birds", type: "imgur", state: "stopped", reason: "bad_auth: the Client-ID was refused" }),
  source(3, { name: "Ships", state: "idle", reason: "not_found: status 404" }),
];
const found = (words: string, troubleOnly = false) =>
  wantedSources(sources, { words, troubleOnly }).map(({ id }) => id);

it("leaves all of them where nothing is asked for", () => {
  expect(found("  ")).toEqual([1, 2, 3]);
});

it("looks for every word in name, type and address", () => {
  expect(found("BIRDS")).toEqual([1, 2]);
  expect(found("birds imgur")).toEqual([2]);
  expect(found("feed.xml")).toEqual([1]);
  expect(found("birds ships")).toEqual([]);
});

it("shows those alone that something is wrong with", () => {
  expect(found("", true)).toEqual([2, 3]);
  expect(found("ships", true)).toEqual([3]);
});
