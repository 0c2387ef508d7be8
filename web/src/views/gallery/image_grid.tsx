import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type Dispatch, type MouseEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "react";

import type { Image } from "@/api/client";

import styles from "./image_grid.module.css";
import { ImageTile } from "./image_tile";
import { heightOf, type Layout, tilesOf } from "./justified_rows";
import type { Selection, SelectionAction } from "./selection";
import { type FocusRequest, useGridCursor } from "./use_grid_cursor";
import { useGridKeys } from "./use_grid_keys";
import { useJustifiedRows } from "./use_justified_rows";
import { useScrollMemory } from "./use_scroll_memory";

export interface GridProperties {
  images: readonly Image[];
  /** What the list is about; where the reader was in it is kept under this name. */
  name: string;
  /** True while these are still the images of the filters before. */
  isOld: boolean;
  hasMore: boolean;
  /** Called when the end is near. */
  onNearEnd: () => void;
  selection: Selection;
  /** Null if nothing may be selected. */
  select: Dispatch<SelectionAction> | null;
  onOpen: (id: number) => void;
  /** Asked for with the Delete key. */
  onDelete: (() => void) | null;
  /** A tile that is to get the keyboard. */
  focusRequest: FocusRequest | null;
}

/** Rows that are drawn beyond what is in sight, and that must be left below before more is loaded. */
const overscan = 4;
const rowsLeft = 8;

/** All images in rows of one width, of which only those in sight are in the document. */
export function ImageGrid(properties: GridProperties) {
  const { images, name, isOld, hasMore, onNearEnd, selection, select } = properties;
  const grid = useRef<HTMLDivElement>(null);
  const { layout, top } = useJustifiedRows(images, grid);
  useScrollMemory(name, layout.rows.length > 0 && !isOld);

  const cursor = useGridCursor({ grid, layout, top, focusRequest: properties.focusRequest });
  const onKeyDown = useGridKeys({ ...properties, layout, cursor });
  const rows = useRowsInSight(layout, top, cursor.row);
  const lastShown = rows.indexes.at(-1) ?? -1;
  const isNearEnd = layout.rows.length > 0 && lastShown >= layout.rows.length - 1 - rowsLeft;
  useEffect(() => {
    if (isNearEnd && hasMore) onNearEnd();
  }, [isNearEnd, hasMore, onNearEnd]);

  const press = usePress(properties, cursor.moveTo);
  const tabStop = cursor.index >= 0 ? cursor.index : (layout.rows[rows.first]?.first ?? 0);
  return (
    <div
      ref={grid}
      role="grid"
      aria-label="Images"
      aria-multiselectable={select !== null}
      aria-rowcount={hasMore ? -1 : layout.rows.length}
      aria-busy={isOld}
      className={styles.grid}
      data-old={isOld || undefined}
      data-selecting={selection.ids.size > 0 || undefined}
      style={{ height: heightOf(layout) }}
      onKeyDown={onKeyDown}
      onFocus={cursor.onFocus}
      onBlur={cursor.onBlur}
    >
      {rows.indexes.map((at) => (
        <GridRow
          key={at}
          at={at}
          layout={layout}
          images={images}
          selection={selection}
          tabStop={tabStop}
          maySelect={select !== null}
          onPress={press.tile}
          onCheck={press.check}
        />
      ))}
    </div>
  );
}

interface RowProperties {
  at: number;
  layout: Layout;
  images: readonly Image[];
  selection: Selection;
  tabStop: number;
  maySelect: boolean;
  onPress: (image: Image, event: MouseEvent) => void;
  onCheck: (image: Image, event: MouseEvent) => void;
}

function GridRow({ at, layout, images, selection, tabStop, ...others }: RowProperties) {
  const row = layout.rows[at];
  const tiles = useMemo(() => (row ? tilesOf(layout, row) : []), [layout, row]);
  if (!row) return null;
  return (
    <div
      role="row"
      aria-rowindex={at + 1}
      className={styles.row}
      style={{ height: row.height, transform: `translateY(${row.top}px)` }}
    >
      {tiles.map((tile, column) => {
        const image = images[row.first + column];
        return (
          image && (
            <ImageTile
              key={image.id}
              image={image}
              column={column}
              left={tile.left}
              width={tile.width}
              height={row.height}
              isSelected={selection.ids.has(image.id)}
              isTabStop={row.first + column === tabStop}
              {...others}
            />
          )
        );
      })}
    </div>
  );
}

/** Which rows are drawn: those in sight, some around them, and the one that has the keyboard. */
function useRowsInSight(layout: Layout, top: number, focusedRow: number) {
  const virtualizer = useWindowVirtualizer<HTMLDivElement>({
    count: layout.rows.length,
    estimateSize: (at) => (layout.rows[at]?.height ?? 0) + layout.frame.gap,
    scrollMargin: top,
    overscan,
  });
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, layout]);
  const indexes = virtualizer.getVirtualItems().map((item) => item.index);
  if (focusedRow >= 0 && !indexes.includes(focusedRow)) indexes.push(focusedRow);
  return { first: virtualizer.range?.startIndex ?? 0, indexes: indexes.sort((one, other) => one - other) };
}

/** A plain click opens, or selects while something is selected; with Ctrl one more, with Shift a range. */
function usePress({ images, selection, select, onOpen }: GridProperties, moveTo: (id: number) => void) {
  const latest = useRef({ images, selection, select, onOpen, moveTo });
  useLayoutEffect(() => {
    latest.current = { images, selection, select, onOpen, moveTo };
  });
  const pick = useCallback((image: Image, event: MouseEvent) => {
    const now = latest.current;
    now.moveTo(image.id);
    if (event.shiftKey) now.select?.({ type: "extend", id: image.id, order: now.images.map((one) => one.id) });
    else now.select?.({ type: "toggle", id: image.id });
  }, []);
  const tile = useCallback(
    (image: Image, event: MouseEvent) => {
      const now = latest.current;
      const isPicking = event.shiftKey || event.ctrlKey || event.metaKey || now.selection.ids.size > 0;
      if (now.select && isPicking) {
        event.preventDefault();
        pick(image, event);
      } else if (!isPicking) {
        event.preventDefault();
        now.moveTo(image.id);
        now.onOpen(image.id);
      }
    },
    [pick],
  );
  const check = useCallback(
    (image: Image, event: MouseEvent) => {
      pick(image, event);
      // The keys are the tile's: a box knows nothing of them.
      event.currentTarget.closest<HTMLElement>("[data-image]")?.focus({ preventScroll: true });
    },
    [pick],
  );
  return { tile, check };
}
