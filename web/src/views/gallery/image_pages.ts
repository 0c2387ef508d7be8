import type { InfiniteData } from "@tanstack/react-query";

import type { Image } from "@/api/client";
import type { components } from "@/api/schema";

export type ImagePage = components["schemas"]["ImagePage"];
export type ImagePages = InfiniteData<ImagePage, unknown>;

/** All images of the pages in order. */
export function imagesOf(pages: ImagePages | undefined): Image[] {
  return pages ? pages.pages.flatMap((page) => page.items) : [];
}

/** What is now known of images, by id: their new state, or null for one that is to go from the list. */
export type Changes = ReadonlyMap<number, Image | null>;

/** The pages with changed images in the places of the old ones. Pages without a change stay the same objects. */
export function changedPages(pages: ImagePages, changes: Changes): ImagePages {
  if (changes.size === 0) return pages;
  let isChanged = false;
  const changed = pages.pages.map((page) => {
    if (!page.items.some((image) => changes.has(image.id))) return page;
    isChanged = true;
    return { ...page, items: page.items.flatMap((image) => current(image, changes)) };
  });
  return isChanged ? { ...pages, pages: changed } : pages;
}

function current(image: Image, changes: Changes): Image[] {
  const known = changes.get(image.id);
  if (known === undefined) return [image];
  if (known === null) return [];
  return isOutOfDate(known, image) ? [image] : [known];
}

/** True for what is known from before: events and answers may overtake each other. */
export function isOutOfDate(image: Pick<Image, "updated_at">, shown: Pick<Image, "updated_at">): boolean {
  return image.updated_at < shown.updated_at;
}

/** The pages with images before all others, those that are there already left out. */
export function prependedPages(pages: ImagePages, images: readonly Image[]): ImagePages {
  const [first, ...others] = pages.pages;
  if (!first) return pages;
  const known = new Set(imagesOf(pages).map((image) => image.id));
  const fresh = images.filter((image) => !known.has(image.id));
  if (fresh.length === 0) return pages;
  return { ...pages, pages: [{ ...first, items: [...fresh, ...first.items] }, ...others] };
}

/** Images of a list's first page that is read anew: those that the list has, and those that are new to it. */
export function comparedWithHead(pages: ImagePages, head: readonly Image[]): { known: Image[]; fresh: Image[] } {
  const ids = new Set(imagesOf(pages).map((image) => image.id));
  return { known: head.filter((image) => ids.has(image.id)), fresh: head.filter((image) => !ids.has(image.id)) };
}

/** How many pages at the end show nothing, because all on them is hidden. */
export function countHiddenPages(pages: ImagePages | undefined, isHidden: (image: Image) => boolean): number {
  if (!pages) return 0;
  const shown = pages.pages.findLastIndex((page) => page.items.some((image) => !isHidden(image)));
  return pages.pages.length - 1 - shown;
}
