import { describe, expect, it } from "vitest";

import { failureCounts, retriedNotice } from "./failure_counts";

it("puts the most frequent failure first and leaves out those of no image", () => {
  expect(failureCounts({ timeout: 3, dns: 0, not_found: 9, connect: 3 })).toEqual([
    { kind: "not_found", images: 9 },
    { kind: "connect", images: 3 },
    { kind: "timeout", images: 3 },
  ]);
});

describe("what is said of images that are tried again", () => {
  it("speaks of one image as of one", () => {
    expect(retriedNotice(1)).toEqual({
      title: "1 image is tried again",
      message: "It waits in the queue; what becomes of it shows in the last events.",
    });
  });

  it("speaks of more as of more", () => {
    expect(retriedNotice(2).title).toBe("2 images are tried again");
    expect(retriedNotice(2).message).toContain("They wait");
  });

  it("says so when there was none left", () => {
    expect(retriedNotice(0).title).toBe("Nothing was left to try again");
  });
});
