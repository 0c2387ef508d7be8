import { describe, expect, test } from "vitest";

import { usualFilters } from "./filters";
import { imageForTest, imagesForTest } from "./image_for_test";
import { belongsOnTop, moreNews, noNews } from "./live_news";

function at(minute: number, changes = {}) {
  const time = `2026-01-10T12:${String(minute).padStart(2, "0")}:00.000Z`;
  return imageForTest({ id: minute, stored_at: time, found_at: time, updated_at: time, ...changes });
}

const ids = (news: typeof noNews) => news.images.map((image) => image.id);

describe("news", () => {
  test("keeps what the list is about, the newest first", () => {
    expect(ids(moreNews(noNews, [at(1), at(3), at(2)], usualFilters))).toEqual([3, 2, 1]);
  });

  test("leaves out what the list is not about", () => {
    expect(ids(moreNews(noNews, [at(1, { state: "failed" }), at(2, { nsfw: true })], usualFilters))).toEqual([]);
  });

  test("an image that is told of twice is there once, and goes if it is no longer wanted", () => {
    const news = moreNews(noNews, [at(1)], usualFilters);
    expect(ids(moreNews(news, [at(1, { title: "new" })], usualFilters))).toEqual([1]);
    expect(ids(moreNews(news, [at(1, { state: "deleted" })], usualFilters))).toEqual([]);
  });

  test("says if there are more than it keeps", () => {
    const news = moreNews(noNews, imagesForTest(1, 501), usualFilters);
    expect(news.images).toHaveLength(500);
    expect(news.isPartial).toBe(true);
  });
});

describe("whether news can be put on top", () => {
  const news = moreNews(noNews, [at(5), at(6)], usualFilters);

  test("they can if all are newer than the first of the list", () => {
    expect(belongsOnTop(news, usualFilters, at(4))).toBe(true);
    expect(belongsOnTop(news, usualFilters, undefined)).toBe(true);
  });

  test("they cannot if one belongs further down", () => {
    expect(belongsOnTop(news, { ...usualFilters, sort: "-found_at" }, at(5, { found_at: at(6).found_at }))).toBe(false);
  });

  test("they cannot in another order than the newest first, or if not all are known", () => {
    expect(belongsOnTop(news, { ...usualFilters, sort: "-size" }, at(4))).toBe(false);
    expect(belongsOnTop(news, { ...usualFilters, sort: "stored_at" }, at(4))).toBe(false);
    expect(belongsOnTop({ ...news, isPartial: true }, usualFilters, at(4))).toBe(false);
  });
});
