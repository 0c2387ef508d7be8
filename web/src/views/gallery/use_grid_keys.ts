import type { KeyboardEvent } from "react";

import type { GridProperties } from "./image_grid";
import type { Layout } from "./justified_rows";
import { moved, moveOf } from "./moves";
import type { GridCursor } from "./use_grid_cursor";

interface Options extends Pick<GridProperties, "images" | "selection" | "select" | "onOpen" | "onDelete"> {
  layout: Layout;
  cursor: GridCursor;
}

/** What keys do while a tile has the keyboard. */
export function useGridKeys(options: Options) {
  return (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey) return;
    if (handle(event, options)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}

/** True if the key meant something. */
function handle(event: KeyboardEvent, options: Options): boolean {
  const { cursor, selection, select, onOpen, onDelete } = options;
  const move = moveOf(event);
  if (move) return step(event, options);
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && cursor.id !== null && !isCommand) {
    onOpen(cursor.id);
    return true;
  }
  if (!select) return false;
  if (event.key === " " && cursor.id !== null) {
    if (event.shiftKey) extendTo(cursor.id, options);
    else select({ type: "toggle", id: cursor.id });
    return true;
  }
  if (event.key === "Delete" && onDelete) {
    if (selection.ids.size === 0 && cursor.id !== null) select({ type: "toggle", id: cursor.id });
    onDelete();
    return true;
  }
  return false;
}

function step(event: KeyboardEvent, options: Options): boolean {
  const { cursor, layout, select } = options;
  const move = moveOf(event);
  if (!move || layout.ids.length === 0) return false;
  const to = layout.ids[moved(layout, Math.max(cursor.index, 0), move)]!;
  if (event.shiftKey && select) extendTo(to, options);
  cursor.focus(to);
  return true;
}

function extendTo(id: number, { cursor, selection, select, layout }: Options) {
  // A range begins where the keyboard is, if it has not begun elsewhere.
  if (selection.anchor === null && cursor.id !== null) select?.({ type: "toggle", id: cursor.id });
  select?.({ type: "extend", id, order: layout.ids });
}
