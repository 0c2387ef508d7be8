import { describe, expect, test } from "vitest";

import { emptyLayout, relaid } from "./justified_rows";
import { moved, moveOf, scrollNeeded } from "./moves";

const frame = { width: 600, rowHeight: 100, gap: 0 };
// Rows of 3 x 200, then 2 x 300, then 6 x 100 pixels.
const widths = [200, 200, 200, 300, 300, 100, 100, 100, 100, 100, 100];
const layout = relaid(
  emptyLayout(frame),
  widths.map((width, id) => ({ id, width, height: 100 })),
  frame,
);

describe("moves", () => {
  test("the rows of this test are what they are said to be", () => {
    expect(layout.rows.map((row) => row.tiles)).toEqual([3, 2, 6]);
  });

  test("left and right go through all tiles in order and end at the ends", () => {
    expect(moved(layout, 2, "right")).toBe(3);
    expect(moved(layout, 3, "left")).toBe(2);
    expect(moved(layout, 0, "left")).toBe(0);
    expect(moved(layout, 10, "right")).toBe(10);
  });

  test("up and down go to what lies nearest there", () => {
    expect(moved(layout, 2, "down")).toBe(4);
    expect(moved(layout, 4, "up")).toBe(2);
    expect(moved(layout, 3, "down")).toBe(6);
    expect(moved(layout, 10, "up")).toBe(4);
  });

  test("up from the first row and down from the last one stay", () => {
    expect(moved(layout, 1, "up")).toBe(1);
    expect(moved(layout, 7, "down")).toBe(7);
  });

  test("Home and End stay in the row, with Ctrl they go to the ends of all", () => {
    expect(moved(layout, 4, moveOf({ key: "Home", ctrlKey: false, metaKey: false })!)).toBe(3);
    expect(moved(layout, 3, moveOf({ key: "End", ctrlKey: false, metaKey: false })!)).toBe(4);
    expect(moved(layout, 4, moveOf({ key: "Home", ctrlKey: true, metaKey: false })!)).toBe(0);
    expect(moved(layout, 4, moveOf({ key: "End", ctrlKey: true, metaKey: false })!)).toBe(10);
  });

  test("a key that moves nothing is no move", () => {
    expect(moveOf({ key: "a", ctrlKey: false, metaKey: false })).toBeNull();
  });

  test("scrolls no further than needed", () => {
    const seen = { top: 100, bottom: 500 };
    expect(scrollNeeded({ top: 200, bottom: 300 }, seen)).toBe(0);
    expect(scrollNeeded({ top: 450, bottom: 550 }, seen)).toBe(50);
    expect(scrollNeeded({ top: 60, bottom: 160 }, seen)).toBe(-40);
  });

  test("shows the top of what is higher than the window", () => {
    expect(scrollNeeded({ top: 450, bottom: 1450 }, { top: 100, bottom: 500 })).toBe(350);
  });
});
