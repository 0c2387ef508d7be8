import { describe, expect, it } from "vitest";

import { cleanFolder, folderFault } from "@/views/add/folder";

describe("a folder", () => {
  it("is written as people write it, and sent as the API takes it", () => {
    expect(cleanFolder(" cats / 2026/")).toBe("cats/2026");
    expect(cleanFolder("/a//b")).toBe("a/b");
    expect(cleanFolder(" / ")).toBe("");
  });

  it("is of use unless it leads out of its place", () => {
    for (const folder of ["", "a", "a/b c/d.e", "...", "日本", "/a//b"]) expect(folderFault(folder), folder).toBeNull();
    for (const folder of ["..", "../x", "a/../b", "a/ .. /b"]) expect(folderFault(folder), folder).toContain('".."');
    expect(folderFault("./a")).toContain('"."');
  });

  it("has a length within reason, in bytes", () => {
    expect(folderFault("x".repeat(1_000))).toBeNull();
    expect(folderFault("ü".repeat(501))).toContain("Too long");
  });
});
