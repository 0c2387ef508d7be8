import { describe, expect, it } from "vitest";

import { droppedText, readFiles, whyNoList } from "@/views/add/dropped";

function data(texts: Record<string, string>): Pick<DataTransfer, "getData"> {
  return { getData: (type) => texts[type] ?? "" };
}

/** A file whose text can be read here as in a browser. */
function file(name: string, type: string, content: string): File {
  return Object.assign(new File([content], name, { type }), { text: () => Promise.resolve(content) });
}

describe("what is dropped", () => {
  it("is taken by its links, not by their words", () => {
    const links = "# a page\r\nhttps://a.example/1.jpg\r\nhttps://a.example/2.jpg";
    expect(droppedText(data({ "text/uri-list": links, "text/plain": "A cat" }))).toBe(
      "https://a.example/1.jpg\nhttps://a.example/2.jpg",
    );
  });

  it("is taken as text if it has no links", () => {
    expect(droppedText(data({ "text/plain": "https://a.example/1.jpg" }))).toBe("https://a.example/1.jpg");
  });
});

describe("files", () => {
  it("are read as lists, by their names", async () => {
    const read = await readFiles([
      file("list.txt", "text/plain", "https://a.example/1.jpg\nnonsense"),
      file("list.csv", "text/csv", "url\nhttps://a.example/2.jpg"),
    ]);
    expect(read.problems).toEqual([]);
    expect(read.files.map((file) => file.listing.images.length)).toEqual([1, 1]);
    expect(read.files[0]?.listing.wrong).toHaveLength(1);
  });

  it("that are pictures are refused with what to do instead", async () => {
    const { files, problems } = await readFiles([file("cat.png", "image/png", "x")]);
    expect(files).toEqual([]);
    expect(problems[0]).toContain("cat.png: this is a picture");
  });

  it("that are no lists are told what lists are", () => {
    expect(whyNoList({ name: "a.zip", type: "application/zip", size: 1 })).toContain(".csv");
    expect(whyNoList({ name: "a.jsonl.gz", type: "application/gzip", size: 1 })).toBeNull();
    expect(whyNoList({ name: "a.txt", type: "text/plain", size: 1e9 })).toContain("too large");
  });
});
