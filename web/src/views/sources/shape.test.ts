import { describe, expect, it } from "vitest";

import { shapeLines } from "@/views/sources/shape";

describe("the shape of an answer", () => {
  it("is a tree with the jq path to each place", () => {
    const lines = shapeLines('{"photos": [{"src": "https://a.example/1.jpg", "odd-name": 3}], "next": null}') ?? [];
    expect(lines.map((line) => `${"  ".repeat(line.depth)}${line.path} ${line.what}`)).toEqual([
      ". object",
      "  .photos list",
      "    .photos[] object",
      '      .photos[].src "https://a.example/1.jpg"',
      '      .photos[]["odd-name"] 3',
      "  .next null",
    ]);
  });

  it("begins with the list where the answer is one", () => {
    expect(shapeLines('[{"id": 1}]')?.map((line) => line.path)).toEqual([".", ".[]", ".[].id"]);
  });

  it("says that a list has nothing", () => {
    expect(shapeLines('{"data": []}')?.at(1)).toMatchObject({ path: ".data", what: "empty list" });
  });

  it("cuts long values", () => {
    expect(shapeLines(JSON.stringify("x".repeat(500)))?.at(0)?.what.length).toBeLessThan(100);
  });

  it("is no tree if the sample was cut", () => {
    expect(shapeLines('{"photos": [{"src": "htt')).toBeNull();
  });
});
