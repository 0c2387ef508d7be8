import { type Layout, rowOf, tilesOf } from "./justified_rows";

export type Move = "left" | "right" | "up" | "down" | "row_start" | "row_end" | "first" | "last";

interface Keys {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
}

/** The move that a key stands for; null for other keys. */
export function moveOf({ key, ctrlKey, metaKey }: Keys): Move | null {
  const isFar = ctrlKey || metaKey;
  switch (key) {
    case "ArrowLeft":
      return "left";
    case "ArrowRight":
      return "right";
    case "ArrowUp":
      return "up";
    case "ArrowDown":
      return "down";
    case "Home":
      return isFar ? "first" : "row_start";
    case "End":
      return isFar ? "last" : "row_end";
    default:
      return null;
  }
}

/** The tile that a move leads to from another; where there is none, the same. Up and down go by what lies there. */
export function moved(layout: Layout, from: number, move: Move): number {
  const last = layout.proportions.length - 1;
  const at = rowOf(layout, from);
  const row = layout.rows[at];
  if (!row) return Math.min(Math.max(from, 0), last);
  switch (move) {
    case "left":
      return Math.max(0, from - 1);
    case "right":
      return Math.min(last, from + 1);
    case "up":
      return nearest(layout, from, at - 1);
    case "down":
      return nearest(layout, from, at + 1);
    case "row_start":
      return row.first;
    case "row_end":
      return row.first + row.tiles - 1;
    case "first":
      return 0;
    case "last":
      return last;
  }
}

/** The tile of a row whose middle is nearest to that of tile `from`. */
function nearest(layout: Layout, from: number, wanted: number): number {
  const row = layout.rows[wanted];
  if (!row) return from;
  const middle = middleOf(layout, from);
  let best = row.first;
  for (let index = row.first + 1; index < row.first + row.tiles; index += 1) {
    if (Math.abs(middleOf(layout, index) - middle) < Math.abs(middleOf(layout, best) - middle)) best = index;
  }
  return best;
}

function middleOf(layout: Layout, index: number): number {
  const row = layout.rows[rowOf(layout, index)]!;
  const tile = tilesOf(layout, row)[index - row.first]!;
  return tile.left + tile.width / 2;
}

interface Span {
  top: number;
  bottom: number;
}

/** How far to scroll so that `wanted` lies within `seen`: negative is up, 0 if it does. */
export function scrollNeeded(wanted: Span, seen: Span): number {
  if (wanted.top < seen.top) return wanted.top - seen.top;
  if (wanted.bottom > seen.bottom) return Math.min(wanted.bottom - seen.bottom, wanted.top - seen.top);
  return 0;
}
