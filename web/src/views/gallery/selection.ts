/** The images that were picked out, by id. */
export interface Selection {
  readonly ids: ReadonlySet<number>;
  /** Where a range begins. */
  readonly anchor: number | null;
  /** What was selected apart from the range that grows and shrinks from the anchor. */
  readonly base: ReadonlySet<number>;
}

export type SelectionAction =
  | { type: "toggle"; id: number }
  /** Everything between the anchor and `id`, in the order of the list. */
  | { type: "extend"; id: number; order: readonly number[] }
  | { type: "all"; order: readonly number[] }
  | { type: "drop"; ids: Iterable<number> }
  | { type: "clear" };

export const nothingSelected: Selection = { ids: new Set(), anchor: null, base: new Set() };

export function selected(selection: Selection, action: SelectionAction): Selection {
  switch (action.type) {
    case "toggle":
      return toggled(selection, action.id);
    case "extend":
      return extended(selection, action.id, action.order);
    case "all": {
      const ids = new Set(action.order);
      return { ids, anchor: selection.anchor, base: ids };
    }
    case "drop": {
      const gone = new Set(action.ids);
      const ids = new Set([...selection.ids].filter((id) => !gone.has(id)));
      if (ids.size === selection.ids.size) return selection;
      return { ids, anchor: gone.has(selection.anchor ?? 0) ? null : selection.anchor, base: ids };
    }
    case "clear":
      return nothingSelected;
  }
}

function toggled(selection: Selection, id: number): Selection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: id, base: ids };
}

function extended(selection: Selection, id: number, order: readonly number[]): Selection {
  const from = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(id);
  if (to < 0) return selection;
  if (from < 0) return toggled({ ...selection, ids: new Set([...selection.ids].filter((one) => one !== id)) }, id);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...selection.base, ...range]), anchor: selection.anchor, base: selection.base };
}
