import { describe, expect, test } from "vitest";

import { chipsOf } from "./chips";
import { deletionWords } from "./delete_dialog";
import { emptyKind, totalOf } from "./empty_kinds";
import { usualFilters } from "./filters";
import { fitOf } from "./fit";
import { imageForTest, imagesForTest } from "./image_for_test";
import { placeAfter } from "./use_selected";
import { isNearEnd, lightBoxKey, neighboursOf, swipeOf } from "./neighbours";

const none = { pending: 0, storing: 0, stored: 0, failed: 0, deleted: 0 };

describe("why a list is empty", () => {
  test("there are no images at all", () => {
    expect(emptyKind(usualFilters, none)).toBe("no_images");
  });

  test("the first ones are on their way", () => {
    expect(emptyKind(usualFilters, { ...none, pending: 3, failed: 1 })).toBe("under_way");
  });

  test("all of them failed", () => {
    expect(emptyKind(usualFilters, { ...none, failed: 2 })).toBe("only_failed");
  });

  test("hidden, and clearing filters would not help", () => {
    expect(emptyKind({ ...usualFilters, q: "cat" }, { ...none, stored: 2 }, 2)).toBe("all_hidden");
  });

  test("the filters leave none", () => {
    expect(emptyKind({ ...usualFilters, q: "cat" }, none)).toBe("no_match");
    expect(emptyKind({ ...usualFilters, state: "failed", q: "cat" }, { ...none, stored: 5 })).toBe("no_match");
    expect(emptyKind(usualFilters, null)).toBe("no_match");
  });

  test("nothing is in the state that is looked at", () => {
    const inState = (state: "failed" | "pending" | "deleted") => ({ ...usualFilters, state });
    expect(emptyKind(inState("failed"), { ...none, stored: 5 })).toBe("none_in_state");
    expect(emptyKind(inState("pending"), null)).toBe("none_in_state");
    expect(emptyKind(inState("deleted"), none)).toBe("none_in_state");
    expect(emptyKind(inState("pending"), none)).toBe("no_images");
  });
});

describe("how many images a list has", () => {
  const counts = { pending: 1, storing: 2, stored: 30, failed: 4, deleted: 50 };

  test("those of its state, deleted ones only if they are asked for", () => {
    expect(totalOf(usualFilters, counts)).toBe(30);
    expect(totalOf({ ...usualFilters, state: "all" }, counts)).toBe(37);
    expect(totalOf({ ...usualFilters, state: "deleted" }, counts)).toBe(50);
  });

  test("is not known where more narrows it down", () => {
    expect(totalOf({ ...usualFilters, type: "image/png" }, counts)).toBeNull();
  });
});

describe("chips", () => {
  test("there is one for each filter, and each takes off its own", () => {
    const filters = { ...usualFilters, q: "cat", source: 3, minSize: 2000, nsfw: "only" as const };
    expect(chipsOf(filters, [{ id: 3, name: "Cats" }])).toEqual([
      { label: "“cat”", off: { q: "" } },
      { label: "Cats", off: { source: null } },
      { label: "NSFW only", off: { nsfw: "hide" } },
      { label: "At least 2.00 KB", off: { minSize: null } },
    ]);
  });

  test("there is none for the state and the order", () => {
    expect(chipsOf({ ...usualFilters, state: "failed", sort: "size" }, [])).toEqual([]);
  });
});

describe("how a picture fills its tile", () => {
  const tile = { width: 400, height: 300 };

  test("wholly where the proportions are the same", () => {
    expect(fitOf(imageForTest({ width: 1600, height: 1200 }), tile)).toBe("cover");
  });

  test("uncut where they are not, or not known", () => {
    expect(fitOf(imageForTest({ width: 1200, height: 1600 }), tile)).toBe("contain");
    expect(fitOf(imageForTest({ width: null, height: null }), tile)).toBe("contain");
  });

  test("with bars where it is a panorama or a strip, whose tile is not as long", () => {
    expect(fitOf(imageForTest({ width: 9000, height: 300 }), { width: 360, height: 100 })).toBe("contain");
    expect(fitOf(imageForTest({ width: 300, height: 9000 }), { width: 45, height: 100 })).toBe("contain");
  });

  test("an icon stays small, unless it is drawn by lines", () => {
    expect(fitOf(imageForTest({ width: 64, height: 48 }), tile)).toBe("scale-down");
    expect(fitOf(imageForTest({ width: 64, height: 48, type: "image/svg+xml" }), tile)).toBe("cover");
  });
});

describe("leafing", () => {
  const images = imagesForTest(1, 10);

  test("goes in the order of the list and ends at its ends", () => {
    expect(neighboursOf(images, 5)).toMatchObject({ index: 4, previous: { id: 4 }, next: { id: 6 } });
    expect(neighboursOf(images, 1).previous).toBeNull();
    expect(neighboursOf(images, 10).next).toBeNull();
  });

  test("there is nothing to leaf to from an image that is not in the list", () => {
    expect(neighboursOf(images, 99)).toEqual({ index: -1, previous: null, next: null });
    expect(isNearEnd(neighboursOf(images, 99), 10)).toBe(false);
  });

  test("more is loaded before the end is there", () => {
    expect(isNearEnd(neighboursOf(images, 5), 10)).toBe(false);
    expect(isNearEnd(neighboursOf(images, 6), 10)).toBe(true);
  });

  test("keys mean something unless they are the browser's", () => {
    const plain = { ctrlKey: false, metaKey: false, altKey: false };
    expect(lightBoxKey({ ...plain, key: "ArrowRight" })).toBe("next");
    expect(lightBoxKey({ ...plain, key: "ArrowRight", altKey: true })).toBeNull();
    expect(lightBoxKey({ ...plain, key: "0", ctrlKey: true })).toBeNull();
    expect(lightBoxKey({ ...plain, key: "x" })).toBeNull();
  });

  test("a finger leafs only if it goes across", () => {
    expect(swipeOf(-100, 10)).toBe("next");
    expect(swipeOf(100, 10)).toBe("previous");
    expect(swipeOf(100, 80)).toBeNull();
    expect(swipeOf(20, 0)).toBeNull();
  });
});

describe("where the keyboard stands after images are gone", () => {
  const images = imagesForTest(1, 6);

  test("behind the first of them, or on the last that is left", () => {
    expect(placeAfter(images, new Set([2, 3]))).toBe(4);
    expect(placeAfter(images, new Set([5, 6]))).toBe(4);
  });

  test("nowhere if none is left, or none is gone", () => {
    expect(placeAfter(images, new Set([1, 2, 3, 4, 5, 6]))).toBeNull();
    expect(placeAfter(images, new Set([99]))).toBeNull();
  });
});

describe("what deleting does", () => {
  const stored = imageForTest({ id: 1 });
  const failed = imageForTest({ id: 2, state: "failed" });

  test("objects are removed where there are some", () => {
    expect(deletionWords([stored])).toMatch(/^Its object is removed from the store\. creel remembers the image,/);
    expect(deletionWords([stored, stored])).toMatch(/^Their objects are removed/);
    expect(deletionWords([stored, failed])).toMatch(
      /^1 object is removed from the store\. creel remembers the images,/,
    );
  });

  test("nothing is said of objects where there is none", () => {
    expect(deletionWords([failed])).not.toMatch(/object|store/);
    expect(deletionWords([failed])).toContain("This cannot be undone.");
  });
});
