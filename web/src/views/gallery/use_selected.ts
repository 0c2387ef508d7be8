import { type HotkeyItem, useHotkeys } from "@mantine/hooks";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";

import type { Image } from "@/api/client";

import { nothingSelected, selected } from "./selection";
import { useImageActions } from "./use_image_actions";

/** What is selected in the list, and what can be done with it. */
export function useSelected(
  images: readonly Image[],
  name: string,
  mayWrite: boolean,
  giveKeyboard: (id: number | null) => void,
) {
  const [selection, select] = useReducer(selected, nothingSelected);
  const [isDeleting, setIsDeleting] = useState(false);
  const actions = useImageActions();
  const picked = images.filter((image) => selection.ids.has(image.id));

  // What was picked out of one list is not to be deleted from behind another.
  useEffect(() => select({ type: "clear" }), [name]);

  const clear = useCallback(() => select({ type: "clear" }), []);
  const remove = async () => {
    setIsDeleting(false);
    const { done } = await actions.remove(picked);
    select({ type: "drop", ids: done });
    if (done.length > 0) giveKeyboard(placeAfter(images, new Set(done)));
  };
  const retry = async () => {
    const { anchor } = selection;
    const first = picked.find((image) => image.id === anchor) ?? picked[0];
    await actions.retry(picked.filter((image) => image.state === "failed"));
    const isLeft = leavesKeyboard(document.activeElement);
    clear();
    if (isLeft) giveKeyboard(first?.id ?? null);
  };
  return {
    selection,
    select: mayWrite ? select : null,
    picked,
    clear,
    actions,
    isDeleting,
    askToDelete: () => setIsDeleting(true),
    keep: () => setIsDeleting(false),
    remove,
    retry,
  };
}

export type Selected = ReturnType<typeof useSelected>;

/** Ctrl+A and Escape, wherever the keyboard is on the page, but where they belong to a field or a dialog. */
export function useSelectionKeys(images: readonly Image[], { select, clear }: Selected, isOff: boolean) {
  const all = (event: KeyboardEvent) => {
    if (!select || belongsElsewhere(event.target)) return;
    event.preventDefault();
    select({ type: "all", order: images.map((image) => image.id) });
  };
  const none = (event: KeyboardEvent) => {
    if (!belongsElsewhere(event.target)) clear();
  };
  const keys: HotkeyItem[] = [
    ["Escape", none, { preventDefault: false }],
    ["mod+A", all, { preventDefault: false }],
  ];
  // Mantine leaves out every <input>, a tile's box too.
  useHotkeys(isOff ? [] : keys, []);
}

const withoutText = new Set(["checkbox", "radio", "button", "submit", "reset", "image", "range", "color", "file"]);

/** True where keys edit a text, choose from a list, or are a dialog's. */
export function belongsElsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("[role=dialog]")) return true;
  if (target instanceof HTMLInputElement) return !withoutText.has(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** True if the keyboard is nowhere, or on something that goes with the selection. */
function leavesKeyboard(active: Element | null): boolean {
  return active === null || active === document.body || active.closest("[data-selection-bar]") !== null;
}

/** The image on which the keyboard stands when others are gone: the one behind the first of them, or the last. */
export function placeAfter(images: readonly Image[], gone: ReadonlySet<number>): number | null {
  const first = images.findIndex((image) => gone.has(image.id));
  if (first < 0) return null;
  const isLeft = (image: Image) => !gone.has(image.id);
  return (images.slice(first).find(isLeft) ?? images.slice(0, first).findLast(isLeft))?.id ?? null;
}

/** Gives the keyboard back to the tile of the image that was shown large, however one came back from it. */
export function useReturn(opened: number | null, images: readonly Image[], giveKeyboard: (id: number | null) => void) {
  const last = useRef(opened);
  const listed = useRef(images);
  useEffect(() => {
    listed.current = images;
  });
  useEffect(() => {
    const left = last.current;
    if (opened === null && left !== null) giveKeyboard(listed.current.some(({ id }) => id === left) ? left : null);
    last.current = opened;
  }, [opened, giveKeyboard]);
}
