import type { QueryClient, QueryKey } from "@tanstack/react-query";

import type { Image } from "@/api/client";
import { keys } from "@/api/queries";

import { changedPages, type Changes, type ImagePages, isOutOfDate } from "./image_pages";

/** All lists of images that are kept, whatever their filters. */
export const imageLists = [...keys.images, "list"] as const;

/** Puts what is now known of images where lists and single images are kept. */
export function putChanges(client: QueryClient, changes: Changes) {
  client.setQueriesData<ImagePages>({ queryKey: imageLists }, (pages) => pages && changedPages(pages, changes));
  for (const [id, image] of changes) {
    const shown = client.getQueryData<Image>(keys.image(id));
    if (image && shown && !isOutOfDate(image, shown)) client.setQueryData(keys.image(id), image);
  }
}

/**
 * The same for what the reader did. A page that is on its way is given up, since with it would come the list as it was
 * when it was asked for; the grid asks for it again.
 */
export async function putOwnChanges(client: QueryClient, changes: Changes) {
  await client.cancelQueries({ queryKey: imageLists, predicate: (query) => query.state.data !== undefined });
  putChanges(client, changes);
}

/** True while a page of the list is on its way. */
export function isOnItsWay(client: QueryClient, list: QueryKey): boolean {
  return client.isFetching({ queryKey: list, exact: true }) > 0;
}

export function changesTo(images: Iterable<Image>): Map<number, Image> {
  return new Map([...images].map((image) => [image.id, image]));
}
