import { describe, expect, it } from "vitest";

import {
  areaPath,
  axisTicks,
  gaps,
  hourBars,
  linePath,
  pointAt,
  type RatePoint,
  rows,
  scale,
  summary,
  unseen,
} from "./series";

function points(...seconds: number[]): RatePoint[] {
  return seconds.map((second) => ({ at: second * 1000, stored: second, failed: 0, bytes: second * 100 }));
}

function times(row: RatePoint[]): number[] {
  return row.map((point) => point.at / 1000);
}

const stored = (point: RatePoint) => point.stored;

describe("rows", () => {
  it("breaks where nothing was told for longer than a few seconds", () => {
    expect(rows(points(1, 2, 3, 9, 10), 0).map(times)).toEqual([
      [1, 2, 3],
      [9, 10],
    ]);
  });

  it("holds together over a second that came late", () => {
    expect(rows(points(1, 2, 5, 6), 0).map(times)).toEqual([[1, 2, 5, 6]]);
  });

  it("leaves out what is before the time that is shown", () => {
    expect(rows(points(1, 2, 3, 4), 3000).map(times)).toEqual([[3, 4]]);
    expect(rows(points(1, 2), 3000)).toEqual([]);
  });
});

describe("gaps", () => {
  it("are the times between rows", () => {
    expect(gaps(points(1, 2, 9, 10), 0, 11_000)).toEqual([{ from: 2000, to: 9000 }]);
  });

  it("reach to the present time while nothing comes", () => {
    expect(gaps(points(1, 2), 0, 20_000)).toEqual([{ from: 2000, to: 20_000 }]);
  });

  it("begin where the drawing does", () => {
    expect(gaps(points(1, 2, 9), 5000, 10_000)).toEqual([{ from: 5000, to: 9000 }]);
  });

  it("are none before the first point: that time is not a lost connection", () => {
    expect(gaps(points(100), 0, 101_000)).toEqual([]);
    expect(gaps([], 0, 100_000)).toEqual([]);
  });
});

describe("unseen", () => {
  it("is the time before the first figures came", () => {
    expect(unseen(7_000, 2_000, 9_000)).toEqual({ from: 2_000, to: 7_000 });
  });

  it("is nothing once that time is no longer shown, or before any figures came", () => {
    expect(unseen(2_000, 2_000, 9_000)).toBeNull();
    expect(unseen(null, 2_000, 9_000)).toBeNull();
  });
});

describe("axisTicks", () => {
  it.each([
    [0, [0, 1]],
    [Number.NaN, [0, 1]],
    [1, [0, 0.5, 1]],
    [6, [0, 2, 4, 6]],
    [7, [0, 5, 10]],
    [0.25, [0, 0.1, 0.2, 0.3]],
    [95, [0, 50, 100]],
    [1_080_000, [0, 500_000, 1_000_000, 1_500_000]],
  ])("marks round numbers up to %d", (most, ticks) => {
    expect(axisTicks(most)).toEqual(ticks);
  });

  it("always reaches the highest value with two to five marks", () => {
    for (let most = 0.001; most < 1e12; most *= 1.37) {
      const ticks = axisTicks(most);
      expect(ticks.at(-1)! * 1.002).toBeGreaterThanOrEqual(most);
      expect(ticks.length).toBeGreaterThanOrEqual(3);
      expect(ticks.length).toBeLessThanOrEqual(5);
    }
  });
});

describe("paths", () => {
  const x = scale(0, 10_000, 0, 100);
  const y = scale(0, 10, 50, 0);

  it("go through the points", () => {
    expect(linePath(points(1, 2), stored, x, y)).toBe("M10.0 45.0L20.0 40.0");
  });

  it("enclose the area down to nothing", () => {
    expect(areaPath(points(1, 2), stored, x, y)).toBe("M10.0 45.0L20.0 40.0L20.0 50.0L10.0 50.0Z");
  });

  it("show a lonely point as a dash, which has no area", () => {
    expect(linePath(points(1), stored, x, y)).toBe("M9.0 45.0h2");
    expect(areaPath(points(1), stored, x, y)).toBe("");
  });
});

describe("summary", () => {
  it("tells the present, the highest and the mean value", () => {
    expect(summary(points(1, 2, 6), stored, 2000, 6500)).toEqual({ now: 6, most: 6, mean: 4 });
  });

  it("knows no present value while nothing comes", () => {
    expect(summary(points(1, 2), stored, 0, 20_000).now).toBeNull();
    expect(summary([], stored, 0, 1000)).toEqual({ now: null, most: 0, mean: 0 });
  });
});

describe("pointAt", () => {
  it("is the nearest point, and none where nothing is known", () => {
    const some = points(1, 2, 9);
    expect(pointAt(some, 1_600)?.at).toBe(2000);
    expect(pointAt(some, 5_500)).toBeNull();
    expect(pointAt([], 0)).toBeNull();
  });
});

describe("hourBars", () => {
  const told = [
    { hour: "2026-11-30T10:00:00.000Z", stored: 5, failed: 1, bytes: 50 },
    { hour: "2026-11-30T08:00:00.000Z", stored: 7, failed: 0, bytes: 70 },
    { hour: "2026-11-28T08:00:00.000Z", stored: 9, failed: 0, bytes: 90 },
  ];

  it("has every hour, the oldest first, with nothing where nothing happened", () => {
    const bars = hourBars(told, new Date("2026-11-30T10:59:59.000Z"), 4);
    expect(bars.map((bar) => [bar.hour.toISOString().slice(11, 13), bar.stored, bar.failed, bar.bytes])).toEqual([
      ["07", 0, 0, 0],
      ["08", 7, 0, 70],
      ["09", 0, 0, 0],
      ["10", 5, 1, 50],
    ]);
  });
});
