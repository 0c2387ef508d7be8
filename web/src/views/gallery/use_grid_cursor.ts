import {
  type FocusEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";

import { type Layout, rowOf } from "./justified_rows";
import { scrollNeeded } from "./moves";

/** A wish that a tile gets the keyboard; a new object is a new wish. */
export interface FocusRequest {
  id: number;
}

interface Options {
  grid: RefObject<HTMLDivElement | null>;
  layout: Layout;
  /** Where in the document the grid begins. */
  top: number;
  focusRequest: FocusRequest | null;
}

/** What lies over the page at its top and bottom: the header, and the bar of what is selected. */
const covered = { top: 72, bottom: 96 };

/** The tile that has the keyboard, or had it last. */
export function useGridCursor({ grid, layout, top, focusRequest }: Options) {
  const [id, setId] = useState<number | null>(null);
  const index = useMemo(() => (id === null ? -1 : layout.ids.indexOf(id)), [layout, id]);
  const row = index < 0 ? -1 : rowOf(layout, index);
  const wanted = useRef<number | null>(null);
  const moveTo = setId as (id: number) => void;

  /** Gives the keyboard to a tile, and brings it into sight. */
  const focus = useCallback(
    (wish: number) => {
      const at = layout.rows[rowOf(layout, layout.ids.indexOf(wish))];
      if (!at) return;
      wanted.current = wish;
      setId(wish);
      const seen = { top: window.scrollY + covered.top, bottom: window.scrollY + window.innerHeight - covered.bottom };
      const by = scrollNeeded({ top: top + at.top, bottom: top + at.top + at.height }, seen);
      if (by !== 0) window.scrollBy(0, by);
      giveKeyboard(grid.current, wanted);
    },
    [grid, layout, top],
  );

  const held = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    // In another row a tile is another element, and the keyboard went with the one that it was.
    if (held.current && !held.current.isConnected) {
      const lost = Number(held.current.dataset["image"]);
      held.current = null;
      if (isNowhere() && layout.ids.includes(lost)) wanted.current ??= lost;
    }
    // The tile may come into the document only with this drawing.
    giveKeyboard(grid.current, wanted);
  });

  const latest = useRef(focus);
  useEffect(() => {
    latest.current = focus;
  });
  useEffect(() => {
    if (focusRequest) latest.current(focusRequest.id);
  }, [focusRequest]);

  const onFocus = useCallback((event: FocusEvent<HTMLElement>) => {
    const tile = event.target.closest<HTMLElement>("[data-image]");
    held.current = tile;
    if (tile) setId(Number(tile.dataset["image"]));
  }, []);
  const onBlur = useCallback((event: FocusEvent<HTMLElement>) => {
    // While another window has the keyboard, it stays with its tile in this one.
    if (document.activeElement !== event.target) held.current = null;
  }, []);

  return { id, index, row, moveTo, focus, onFocus, onBlur };
}

export type GridCursor = ReturnType<typeof useGridCursor>;

/** True if nothing on the page has the keyboard. */
function isNowhere(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function giveKeyboard(grid: HTMLElement | null, wanted: RefObject<number | null>) {
  if (wanted.current === null) return;
  const tile = grid?.querySelector<HTMLElement>(`[data-image="${wanted.current}"]`);
  if (!tile) return;
  wanted.current = null;
  tile.focus({ preventScroll: true });
}
