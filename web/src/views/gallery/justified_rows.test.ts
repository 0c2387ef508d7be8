import { describe, expect, test } from "vitest";

import { emptyLayout, type Frame, heightOf, type Layout, relaid, rowOf, type Sized, tilesOf } from "./justified_rows";

const frame: Frame = { width: 1000, rowHeight: 200, gap: 10 };

function tile(id: number, width: number | null = 400, height: number | null = 300): Sized {
  return { id, width, height };
}

/** Proportions that repeat only after many tiles, the same in every run. */
function mixed(count: number, from = 1): Sized[] {
  return Array.from({ length: count }, (_, at) => {
    const seed = ((from + at) * 2654435761) % 1000;
    return tile(from + at, 300 + seed, 400);
  });
}

function lay(images: Sized[], before: Layout = emptyLayout(frame), within: Frame = frame) {
  return relaid(before, images, within);
}

/** Counts how often a layout looks at the images' sizes. */
function watched(images: Sized[]) {
  let looks = 0;
  class Watched implements Sized {
    constructor(private readonly image: Sized) {}
    get id() {
      return this.image.id;
    }
    get height() {
      return this.image.height;
    }
    get width() {
      looks += 1;
      return this.image.width;
    }
  }
  const seen = images.map((image) => new Watched(image));
  return { seen, looks: () => looks };
}

describe("justified rows", () => {
  test("every full row is as wide as the grid", () => {
    const layout = lay(mixed(300));
    for (const row of layout.rows.slice(0, -1)) {
      const last = tilesOf(layout, row).at(-1)!;
      expect(last.left + last.width).toBeCloseTo(frame.width, 5);
    }
  });

  test("tiles keep their pictures' proportions", () => {
    const images = mixed(50);
    const layout = lay(images);
    for (const row of layout.rows) {
      tilesOf(layout, row).forEach((one, at) => {
        const image = images[row.first + at]!;
        expect(one.width / row.height).toBeCloseTo(image.width! / image.height!, 5);
      });
    }
  });

  test("every tile stands in one row, in order, and rows do not overlap", () => {
    const layout = lay(mixed(500));
    let first = 0;
    let top = 0;
    for (const row of layout.rows) {
      expect(row.first).toBe(first);
      expect(row.top).toBeCloseTo(top, 5);
      first += row.tiles;
      top += row.height + frame.gap;
    }
    expect(first).toBe(500);
    expect(heightOf(layout)).toBeCloseTo(top - frame.gap, 5);
  });

  test("rows are near the wanted height", () => {
    for (const row of lay(mixed(500)).rows) {
      expect(row.height).toBeGreaterThan(frame.rowHeight * 0.7);
      expect(row.height).toBeLessThan(frame.rowHeight * 1.4);
    }
  });

  test("an unknown size counts as 4:3", () => {
    const layout = lay([tile(1, null, null)]);
    expect(tilesOf(layout, layout.rows[0]!)[0]!.width).toBeCloseTo((frame.rowHeight * 4) / 3, 5);
  });

  test("a panorama does not make a row of a few pixels", () => {
    const layout = lay([tile(1, 20_000, 100), tile(2), tile(3)]);
    expect(layout.rows[0]!.height).toBeGreaterThan(100);
  });

  test("what does not fill the last row is not blown up", () => {
    const layout = lay([tile(1, 300, 400)]);
    expect(layout.rows[0]!.height).toBe(frame.rowHeight);
  });

  test("page by page comes to the same as all at once", () => {
    const images = mixed(1000);
    let layout = emptyLayout(frame);
    for (let end = 100; end <= images.length; end += 100) layout = lay(images.slice(0, end), layout);
    expect(layout).toEqual(lay(images));
  });

  test("a page more leaves the rows before it as they are, and looks only at its own images", () => {
    const { seen, looks } = watched(mixed(100_000));
    const allButAPage = lay(seen.slice(0, -100));
    const before = looks();
    const layout = lay(seen, allButAPage);
    // Twice each: whether it is known, and what it is.
    expect(looks() - before).toBe(2 * 100);
    const kept = allButAPage.rows.length - 2;
    expect(layout.rows.slice(0, kept).every((row, at) => row === allButAPage.rows[at])).toBe(true);
  });

  test("an image that goes moves only what stands behind it", () => {
    const images = mixed(1000);
    const before = lay(images);
    const without = images.filter((image) => image.id !== 500);
    const layout = lay(without, before);
    expect(layout).toEqual(lay(without));
    expect(layout.rows[rowOf(before, 490) - 2]).toBe(before.rows[rowOf(before, 490) - 2]);
  });

  test("images before all others are laid out too", () => {
    const images = mixed(50);
    const fresh = [...mixed(3, 1000), ...images];
    expect(lay(fresh, lay(images))).toEqual(lay(fresh));
  });

  test("a size that is learned later does not move the tile", () => {
    const before = lay([tile(1, null, null), tile(2)]);
    expect(lay([tile(1, 100, 400), tile(2)], before)).toBe(before);
  });

  test("another width lays out everything anew", () => {
    const images = mixed(50);
    const narrow = { ...frame, width: 400 };
    expect(lay(images, lay(images), narrow)).toEqual(lay(images, emptyLayout(narrow), narrow));
  });

  test("finds the row of each tile", () => {
    const layout = lay(mixed(200));
    layout.rows.forEach((row, at) => {
      expect(rowOf(layout, row.first)).toBe(at);
      expect(rowOf(layout, row.first + row.tiles - 1)).toBe(at);
    });
    expect(rowOf(layout, 200)).toBe(-1);
    expect(rowOf(layout, -1)).toBe(-1);
  });
});
