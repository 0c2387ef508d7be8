/** Where the rows of a grid stand. Widths follow from a row's height and the proportions of its tiles. */
export interface Layout {
  readonly frame: Frame;
  /** Of all tiles, in order. */
  readonly ids: readonly number[];
  /** Width by height as laid out; what is learned of an image later does not move its tile. */
  readonly proportions: readonly number[];
  readonly rows: readonly Row[];
}

export interface Frame {
  /** Of the grid, in pixels. */
  width: number;
  /** What rows should have about. */
  rowHeight: number;
  /** Between tiles and between rows. */
  gap: number;
}

export interface Row {
  /** Index of the first tile. */
  readonly first: number;
  readonly tiles: number;
  readonly top: number;
  readonly height: number;
}

/** What a tile's size depends on. */
export interface Sized {
  id: number;
  width: number | null;
  height: number | null;
}

const usualProportion = 4 / 3;
/** A panorama or a strip beyond these gets a tile of this shape, and bars: it would make a row of a few pixels. */
const widest = 3.6;
const narrowest = 0.45;

export function proportionOf(image: Sized): number {
  if (!image.width || !image.height) return usualProportion;
  return Math.min(widest, Math.max(narrowest, image.width / image.height));
}

export function emptyLayout(frame: Frame): Layout {
  return { frame, ids: [], proportions: [], rows: [] };
}

/**
 * The layout for these images, which takes over the rows of the one before up to where the images differ: with a page
 * more at the end only the last row and the new ones are laid out.
 */
export function relaid(before: Layout, images: readonly Sized[], frame: Frame): Layout {
  const isSameFrame =
    before.frame.width === frame.width && before.frame.rowHeight === frame.rowHeight && before.frame.gap === frame.gap;
  const same = isSameFrame ? countSame(before.ids, images) : 0;
  if (isSameFrame && same === images.length && same === before.ids.length) return before;
  const kept = countKeptRows(before.rows, same);
  const rows = before.rows.slice(0, kept);
  const ids = before.ids.slice(0, same);
  const proportions = before.proportions.slice(0, same);
  for (let index = same; index < images.length; index += 1) {
    const image = images[index]!;
    ids.push(image.id);
    proportions.push(proportionOf(image));
  }
  addRows(rows, proportions, frame);
  return { frame, ids, proportions, rows };
}

/** Pixels from the first row's top to the last one's end. */
export function heightOf(layout: Layout): number {
  const last = layout.rows.at(-1);
  return last ? last.top + last.height : 0;
}

/** The row in which a tile stands; -1 for none. */
export function rowOf(layout: Layout, index: number): number {
  let low = 0;
  let high = layout.rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = layout.rows[middle]!;
    if (index < row.first) high = middle - 1;
    else if (index >= row.first + row.tiles) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** Left edge and width of each tile of a row. */
export function tilesOf(layout: Layout, row: Row): { left: number; width: number }[] {
  let left = 0;
  return Array.from({ length: row.tiles }, (_, at) => {
    const width = layout.proportions[row.first + at]! * row.height;
    const tile = { left, width };
    left += width + layout.frame.gap;
    return tile;
  });
}

function countSame(ids: readonly number[], images: readonly Sized[]): number {
  const most = Math.min(ids.length, images.length);
  let same = 0;
  while (same < most && ids[same] === images[same]!.id) same += 1;
  return same;
}

/** Whether a row ends where it does depends on the tile behind it, so that this must be the same as well. */
function countKeptRows(rows: readonly Row[], same: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle]!;
    if (row.first + row.tiles < same) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Lays out what comes behind the rows that are there. */
function addRows(rows: Row[], proportions: readonly number[], frame: Frame) {
  const last = rows.at(-1);
  let first = last ? last.first + last.tiles : 0;
  let top = last ? last.top + last.height + frame.gap : 0;
  while (first < proportions.length) {
    const row = { first, top, ...fill(proportions, first, frame) };
    rows.push(row);
    first += row.tiles;
    top += row.height + frame.gap;
  }
}

/** How many tiles make a row, and its height: as near to the wanted one as whole tiles allow. */
function fill(proportions: readonly number[], first: number, frame: Frame): { tiles: number; height: number } {
  const heightWith = (sum: number, tiles: number) => (frame.width - (tiles - 1) * frame.gap) / sum;
  let sum = 0;
  for (let index = first; index < proportions.length; index += 1) {
    const tiles = index - first + 1;
    const before = tiles > 1 ? heightWith(sum, tiles - 1) : Infinity;
    sum += proportions[index]!;
    const height = heightWith(sum, tiles);
    if (height > frame.rowHeight) continue;
    // One tile less makes a row that is too high, this one a row that is too low.
    if (tiles > 1 && before - frame.rowHeight < frame.rowHeight - height) return { tiles: tiles - 1, height: before };
    return { tiles, height };
  }
  // What does not fill a row is not blown up.
  const tiles = proportions.length - first;
  return { tiles, height: Math.min(frame.rowHeight, heightWith(sum, tiles)) };
}
