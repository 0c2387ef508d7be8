import type { Image } from "@/api/client";

export interface Neighbours {
  /** In the list, from 0; -1 for an image that is not in it. */
  index: number;
  previous: Image | null;
  next: Image | null;
}

/** What stands before and behind an image in the list. */
export function neighboursOf(images: readonly Image[], id: number): Neighbours {
  const index = images.findIndex((image) => image.id === id);
  if (index < 0) return { index, previous: null, next: null };
  return { index, previous: images[index - 1] ?? null, next: images[index + 1] ?? null };
}

/** True if the list should be longer before the reader comes to its end. */
export function isNearEnd({ index }: Neighbours, loaded: number): boolean {
  return index >= 0 && index >= loaded - 5;
}

/** What a key means while an image is shown large. */
export type LightBoxKey = "previous" | "next" | "zoom_in" | "zoom_out" | "fit" | "details" | "delete";

const meanings: Record<string, LightBoxKey> = {
  ArrowLeft: "previous",
  ArrowRight: "next",
  "+": "zoom_in",
  "=": "zoom_in",
  "-": "zoom_out",
  "0": "fit",
  i: "details",
  Delete: "delete",
};

/** Null for a key that means nothing, or that belongs to the browser. */
export function lightBoxKey(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): LightBoxKey | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  return meanings[event.key] ?? null;
}

/** A finger's way across a picture: to the previous or next one, or neither. */
export function swipeOf(dx: number, dy: number): "previous" | "next" | null {
  if (Math.abs(dx) < 60 || Math.abs(dx) < 2 * Math.abs(dy)) return null;
  return dx > 0 ? "previous" : "next";
}
