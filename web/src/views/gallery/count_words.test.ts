import { describe, expect, test } from "vitest";

import { lengthWords, spokenLength } from "./count_words";

const whole = { shown: 37, hidden: 0, hasMore: false, total: 37 };

describe("how long a list is", () => {
  test("is counted when all of it is there", () => {
    expect(lengthWords(whole)).toBe("37 images");
    expect(lengthWords({ ...whole, total: null })).toBe("37 images");
  });

  test("what is hidden is told, so that the numbers of the states add up", () => {
    expect(lengthWords({ ...whole, hidden: 3, total: 40 })).toBe("37 images, 3 hidden as NSFW");
    expect(spokenLength({ ...whole, hidden: 3, total: 40 })).toBe("37 images, 3 hidden as NSFW");
  });

  test("is that of the state while more can be loaded; how many of it are hidden is not known then", () => {
    const part = { shown: 97, hidden: 0, hasMore: true, total: 4000 };
    expect(lengthWords(part)).toBe("4,000 images");
    expect(lengthWords({ ...part, hidden: 3 })).toBe("4,000 images, some hidden as NSFW");
    expect(spokenLength(part)).toBe("97 images of 4,000 images");
  });

  test("is only known to be more where filters narrow it down", () => {
    const part = { shown: 97, hidden: 0, hasMore: true, total: null };
    expect(lengthWords(part)).toBe("more than 97 images");
    expect(spokenLength(part)).toBe("The first 97 images");
  });
});
