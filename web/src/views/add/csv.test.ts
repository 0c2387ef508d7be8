import { describe, expect, it } from "vitest";

import { csvRecords } from "@/views/add/csv";

function fields(text: string): string[][] {
  return [...csvRecords(text)].map((record) => record.fields);
}

describe("CSV", () => {
  it("has fields between commas and records between line ends of either kind", () => {
    expect(fields("a,b\r\n1,\n")).toEqual([
      ["a", "b"],
      ["1", ""],
    ]);
  });

  it("has commas, quotes and line ends in quotes", () => {
    expect(fields('"a,b","say ""hi""","two\nlines"\nnext')).toEqual([["a,b", 'say "hi"', "two\nlines"], ["next"]]);
  });

  it("counts the lines where records begin", () => {
    const lines = [...csvRecords('h\n\n"two\nlines"\nlast')].map((record) => record.line);
    expect(lines).toEqual([1, 3, 5]);
  });

  it("tells of a quote that is never closed, and goes on behind its line", () => {
    const records = [...csvRecords('h\n"never\nnext')];
    expect(records.map((record) => record.isBroken)).toEqual([false, true, false]);
    expect(records.at(2)).toMatchObject({ line: 3, fields: ["next"] });
  });

  it("tells of text behind a closing quote", () => {
    expect([...csvRecords('"a"b,c')].at(0)?.isBroken).toBe(true);
  });

  it("passes over the mark at the beginning of a text", () => {
    expect(fields("\uFEFFurl\nx")).toEqual([["url"], ["x"]]);
  });
});
