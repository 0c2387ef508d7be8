import { describe, expect, test } from "vitest";

import { fromNow, untilThen } from "./times";

const now = new Date("2026-01-10T12:00:00Z");
const after = (seconds: number) => new Date(now.getTime() + 1000 * seconds);

describe("a time as seen from now", () => {
  test.each([
    [-7200, "2 h ago"],
    [-5, "5 s ago"],
    [-4, "just now"],
    [-0.4, "just now"],
    [0, "just now"],
    [0.4, "in a moment"],
    [4, "in a moment"],
    [5, "in 5 s"],
    [300, "in 5 min"],
  ])("%d s away", (seconds, words) => {
    expect(fromNow(after(seconds), now)).toBe(words);
  });
});

describe("what is to come", () => {
  test("is never said to have been", () => {
    expect(untilThen(after(300), "due", now)).toBe("in 5 min");
    expect(untilThen(after(2), "due", now)).toBe("in a moment");
    expect(untilThen(now, "due", now)).toBe("due");
    expect(untilThen(after(-3600), "due", now)).toBe("due");
  });
});
