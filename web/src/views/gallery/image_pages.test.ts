import { describe, expect, test } from "vitest";

import { imageForTest, imagesForTest } from "./image_for_test";
import {
  changedPages,
  comparedWithHead,
  countHiddenPages,
  type ImagePages,
  imagesOf,
  prependedPages,
} from "./image_pages";

function pagesOf(...pages: number[][]): ImagePages {
  return {
    pages: pages.map((ids, at) => ({
      items: ids.map((id) => imageForTest({ id })),
      next_cursor: at + 1 < pages.length ? `c${at}` : null,
    })),
    pageParams: pages.map((_, at) => (at === 0 ? null : `c${at - 1}`)),
  };
}

const idsOf = (pages: ImagePages) => imagesOf(pages).map((image) => image.id);

describe("pages of images", () => {
  test("a changed image stands where it stood, and other pages stay the same objects", () => {
    const pages = pagesOf([1, 2], [3, 4]);
    const failed = imageForTest({ id: 3, state: "failed" });
    const changed = changedPages(pages, new Map([[3, failed]]));
    expect(imagesOf(changed)[2]).toBe(failed);
    expect(changed.pages[0]).toBe(pages.pages[0]);
    expect(idsOf(changed)).toEqual([1, 2, 3, 4]);
  });

  test("an image that is to go goes", () => {
    expect(idsOf(changedPages(pagesOf([1, 2], [3, 4]), new Map([[2, null]])))).toEqual([1, 3, 4]);
  });

  test("an earlier state that is told of late does not take the place of a later one", () => {
    const stored = imageForTest({ id: 1, updated_at: "2026-01-31T12:00:01.000Z" });
    const pages: ImagePages = { pages: [{ items: [stored], next_cursor: null }], pageParams: [null] };
    const waiting = imageForTest({ id: 1, state: "pending", updated_at: "2026-01-31T12:00:00.000Z" });
    expect(imagesOf(changedPages(pages, new Map([[1, waiting]])))).toEqual([stored]);
  });

  test("what changes nothing leaves the pages as they are", () => {
    const pages = pagesOf([1, 2]);
    expect(changedPages(pages, new Map([[9, imageForTest({ id: 9 })]]))).toBe(pages);
    expect(changedPages(pages, new Map())).toBe(pages);
  });

  test("new images come first, those that are there do not come twice", () => {
    const pages = prependedPages(pagesOf([1, 2], [3]), imagesForTest(3, 3));
    expect(idsOf(pages)).toEqual([4, 5, 1, 2, 3]);
  });

  test("an empty list takes them too", () => {
    expect(idsOf(prependedPages(pagesOf([]), imagesForTest(1, 2)))).toEqual([1, 2]);
  });

  test("a first page read anew is sorted out into known and new", () => {
    const { known, fresh } = comparedWithHead(pagesOf([1, 2]), imagesForTest(2, 2));
    expect(known.map((image) => image.id)).toEqual([2]);
    expect(fresh.map((image) => image.id)).toEqual([3]);
  });

  test("counts the pages at the end on which all is hidden", () => {
    const isHidden = (image: { id: number }) => image.id > 2;
    expect(countHiddenPages(pagesOf([1, 2], [3], [4, 5]), isHidden)).toBe(2);
    expect(countHiddenPages(pagesOf([3], [1]), isHidden)).toBe(0);
    expect(countHiddenPages(undefined, isHidden)).toBe(0);
  });
});
