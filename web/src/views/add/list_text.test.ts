import { describe, expect, it } from "vitest";

import { formOfList, fromFile, joinedLists, readList, whyNoUrl } from "@/views/add/list_text";

function urls(text: string): string[] {
  return readList(text).images.map((image) => image.image_url);
}

describe("pasted text", () => {
  it("holds one URL a line; blank lines and those with # are passed over", () => {
    expect(urls("# pictures\nhttps://a.example/1.jpg\r\n\n  http://b.example/2.png  \n")).toEqual([
      "https://a.example/1.jpg",
      "http://b.example/2.png",
    ]);
  });

  it("may hold several URLs in a line, if there is nothing else in it", () => {
    expect(urls("https://a.example/1.jpg https://a.example/2.jpg")).toHaveLength(2);
    expect(readList("see https://a.example/1.jpg").wrong[0]?.why).toContain("one a line");
  });

  it("is told of line by line where it is no URL", () => {
    const { wrong } = readList("https://a.example/1.jpg\n\nnonsense\nexample.com/cat.jpg");
    expect(wrong).toEqual([
      { line: 3, text: "nonsense", why: "no URL" },
      { line: 4, text: "example.com/cat.jpg", why: "no URL: https:// is missing in front of it" },
    ]);
  });

  it("names each URL once, and counts the others", () => {
    const list = readList("https://a.example/1.jpg\nhttps://a.example/1.jpg\nhttps://a.example/2.jpg");
    expect(list.images).toHaveLength(2);
    expect(list.repeated).toBe(1);
  });

  it("of many lines is read whole", () => {
    const text = Array.from({ length: 500 }, (_, i) => `https://a.example/${i}.jpg`).join("\n");
    expect(readList(text).images).toHaveLength(500);
  });
});

describe("a URL of an image", () => {
  it("is one of http or https", () => {
    expect(whyNoUrl("https://a.example/ü.jpg?x=1#y")).toBeNull();
    expect(whyNoUrl("ftp://a.example/1.jpg")).toContain("only http and https");
    expect(whyNoUrl("data:image/png;base64,AAAA")).toContain("only http and https");
    expect(whyNoUrl("custom://a.example")).toContain("only http and https");
    expect(whyNoUrl("https://")).toBe("no URL");
  });

  it("has no user name or password", () => {
    expect(whyNoUrl("https://me:secret@a.example/1.jpg")).toContain("password");
  });

  it("has a length within reason", () => {
    expect(whyNoUrl(`https://a.example/${"x".repeat(8_000)}`)).toContain("longer than");
  });
});

describe("the form of a list", () => {
  it("is told by the file's name", () => {
    expect(formOfList("", "list.CSV")).toBe("csv");
    expect(formOfList("", "list.ndjson.gz")).toBe("jsonl");
    expect(formOfList("https://a.example", "list.txt")).toBe("urls");
  });

  it("is told by the first line where there is no name", () => {
    expect(formOfList('{"url": "https://a.example"}')).toBe("jsonl");
    expect(formOfList("file_name,URL\n")).toBe("csv");
    expect(formOfList("https://a.example/?q=a,url")).toBe("urls");
  });
});

describe("a CSV list", () => {
  it("has a column of URLs, names and folders; the others are metadata", () => {
    const { images } = readList('url,file_name,folder,title,Licence\nhttps://a.example/1.jpg,one,sea,"At sea, ",cc0\n');
    expect(images).toEqual([
      {
        image_url: "https://a.example/1.jpg",
        file_name: "one",
        folder_name: "sea",
        title: "At sea, ",
        meta: { Licence: "cc0" },
      },
    ]);
  });

  it("without a column of URLs is of no use", () => {
    const { images, wrong } = readList("address\nhttps://a.example/1.jpg", "csv");
    expect(images).toEqual([]);
    expect(wrong).toHaveLength(1);
    expect(wrong[0]?.why).toContain("url must be one of them");
  });

  it("tells of records that cannot be used, and takes the others", () => {
    const { images, wrong } = readList(
      'url,file_name\n,x\nhttps://a.example/1.jpg,a,b\nhttps://a.example/2.jpg\n"oops',
    );
    expect(images).toHaveLength(1);
    expect(wrong.map((one) => [one.line, one.why])).toEqual([
      [2, "url is missing"],
      [3, "has 3 fields, but there are 2 columns"],
      [5, "a quoted field is not closed, or text follows its closing quote"],
    ]);
  });
});

describe("a list in JSON Lines", () => {
  it("has the members that a mirror takes", () => {
    const line = {
      url: "https://a.example/1.jpg",
      file_name: "one",
      folder: "sea",
      headers: { Accept: "image/png" },
      meta: { title: "At sea", size: 3, none: null },
    };
    expect(readList(JSON.stringify(line)).images).toEqual([
      {
        image_url: "https://a.example/1.jpg",
        file_name: "one",
        folder_name: "sea",
        fetch_headers: { Accept: "image/png" },
        title: "At sea",
        meta: { size: "3" },
      },
    ]);
  });

  it("tells of lines that cannot be used", () => {
    const { wrong } = readList('{"url": 3}\n{oops\n[1]\n{"meta": {}}', "jsonl");
    expect(wrong.map((one) => one.why)).toEqual([
      "url must be a text in quotes",
      "this is no JSON",
      "this is no JSON object",
      "url is missing",
    ]);
  });
});

describe("several lists", () => {
  it("are one, in which each image stands once", () => {
    const first = readList("https://a.example/1.jpg\nhttps://a.example/1.jpg\nx");
    const second = readList("https://a.example/1.jpg\nhttps://a.example/2.jpg");
    const all = joinedLists([first, second]);
    expect(all.images.map((image) => image.image_url)).toEqual(["https://a.example/1.jpg", "https://a.example/2.jpg"]);
    expect(all.repeated).toBe(2);
    expect(all.wrong).toHaveLength(1);
  });

  it("name the file of each line that cannot be used", () => {
    const all = joinedLists([readList("x"), fromFile("cats.txt", readList("y"))]);
    expect(all.wrong.map(({ file, line }) => [file, line])).toEqual([
      [undefined, 1],
      ["cats.txt", 1],
    ]);
  });
});
