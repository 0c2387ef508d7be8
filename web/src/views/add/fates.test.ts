import { describe, expect, it } from "vitest";

import type { Entry, Totals } from "@/views/add/add_job";
import { explanation } from "@/views/add/fate_list";
import { filters, isIn, spokenSummary, summary } from "@/views/add/fates";
import { completed } from "@/views/add/compose";

const none: Totals = {
  all: 0,
  known: 0,
  added: 0,
  unsent: 0,
  refused: 0,
  waiting: 0,
  storing: 0,
  stored: 0,
  failed: 0,
  deleted: 0,
};

const entry: Entry = {
  key: 1,
  image: { image_url: "https://a.example/1.jpg" },
  id: 1,
  isNew: true,
  fate: "waiting",
  why: null,
  stored: null,
};

describe("the summary", () => {
  it("says how they were taken, and where they are now", () => {
    const totals = { ...none, all: 10, added: 7, known: 1, refused: 2, stored: 5, waiting: 1, storing: 1, failed: 1 };
    expect(summary(totals)).toBe("7 added, 1 known already, 2 refused. Now 5 stored, 2 under way, 1 failed.");
  });

  it("leaves out what there is none of", () => {
    expect(summary({ ...none, all: 2, refused: 2 })).toBe("2 refused");
  });

  it("is spoken at the turns only", () => {
    expect(spokenSummary({ ...none, unsent: 5 }, true)).toBe("Sending the URLs.");
    expect(spokenSummary({ ...none, unsent: 5 }, false)).toBe("Sending has stopped.");
    const early = spokenSummary({ ...none, stored: 1, waiting: 2 }, false);
    expect(spokenSummary({ ...none, stored: 2, waiting: 1 }, false)).toBe(early);
    expect(spokenSummary({ ...none, added: 3, stored: 3 }, false)).toBe("Done. 3 added. Now 3 stored.");
  });
});

describe("the filters", () => {
  it("find what is under way in either state", () => {
    const totals = { ...none, waiting: 2, storing: 3 };
    expect(filters.find((one) => one.name === "under way")?.count(totals)).toBe(5);
    expect(isIn({ ...entry, fate: "storing" }, "under way")).toBe(true);
    expect(isIn({ ...entry, fate: "stored" }, "under way")).toBe(false);
    expect(isIn({ ...entry, fate: "failed" }, "failed")).toBe(true);
  });
});

describe("what is said of an image", () => {
  it("is what the failure means and what can be done", () => {
    const text = explanation({ ...entry, fate: "failed", why: { kind: "not_found", message: "404" } });
    expect(text).toBe("Not found. The image is gone, or never was there.");
  });

  it("is the message where it was refused", () => {
    const text = explanation({ ...entry, id: null, fate: "refused", why: { kind: "bad_url", message: "has no host" } });
    expect(text).toBe("Not a usable address: has no host");
  });

  it("is that it is tried again after a failure that may pass", () => {
    const text = explanation({ ...entry, why: { kind: "timeout", message: "30 s" } });
    expect(text).toBe("Too slow. It is tried again.");
  });

  it("is that it was known", () => {
    expect(explanation({ ...entry, isNew: false, fate: "stored" })).toBe("Known already");
    expect(explanation(entry)).toBe("");
  });
});

describe("folder and title", () => {
  it("go with the image, cleaned of empty parts", () => {
    expect(completed(entry.image, " /cats// 2026/", " A cat ")).toEqual({
      image_url: "https://a.example/1.jpg",
      folder_name: "cats/2026",
      title: "A cat",
    });
  });

  it("leave alone what the list itself says", () => {
    const image = { ...entry.image, folder_name: "own", title: "Own" };
    expect(completed(image, "cats", "A cat")).toEqual(image);
    expect(completed(entry.image, "", "")).toEqual(entry.image);
  });
});
