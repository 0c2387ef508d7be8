import { describe, expect, it } from "vitest";

import { hourlyCounts, hoursText } from "@/views/sources/hours";

const now = new Date("2026-01-02T10:30:00Z");

describe("the last hours", () => {
  it("stand in their order, the present one last", () => {
    const counts = hourlyCounts(
      [
        { hour: "2026-01-02T10:00:00Z", stored: 5 },
        { hour: "2026-01-02T08:00:00Z", stored: 2 },
      ],
      now,
      4,
    );
    expect(counts).toEqual([0, 2, 0, 5]);
  });

  it("leave out what was before, and what is yet to come", () => {
    const counts = hourlyCounts(
      [
        { hour: "2026-01-01T10:00:00Z", stored: 9 },
        { hour: "2026-01-02T11:00:00Z", stored: 9 },
      ],
      now,
    );
    expect(counts).toEqual(new Array(24).fill(0));
  });

  it("are told in a sentence", () => {
    expect(hoursText([0, 2, 0, 5])).toBe("7 images stored in the last 4 hours, 5 at most in one hour");
    expect(hoursText([0, 0])).toBe("No image stored in the last 2 hours");
  });
});
