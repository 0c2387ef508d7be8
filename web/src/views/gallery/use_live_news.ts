import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import type { Image } from "@/api/client";
import { useServerEvents } from "@/api/events";

import { type Filters, unhidden } from "./filters";
import { changesTo, isOnItsWay, putChanges } from "./image_cache";
import { comparedWithHead, type ImagePages, prependedPages } from "./image_pages";
import { belongsOnTop, moreNews, type News, noNews } from "./live_news";
import { askPage } from "./use_image_pages";

/** Events come in hundreds a second; the list takes them in at once this often. */
const pause = 500;
/** A list that was loaded longer ago is compared with the backend's when it is shown again. */
const soon = 3_000;

interface Options {
  filters: Filters;
  list: QueryKey;
  /** Whether new images may be put on top at once: nothing that is looked at may move. */
  mayPrepend: () => boolean;
}

/** Keeps the list true to what happens, and says which new images are not shown yet. */
export function useLiveNews({ filters, list, mayPrepend }: Options) {
  const client = useQueryClient();
  const [news, setNews] = useState(noNews);
  const told = useRef(new Map<number, Image>());
  const kept = useRef(news);
  const keep = useCallback((next: News) => {
    kept.current = next;
    setNews(next);
  }, []);

  const take = useCallback(() => {
    const mayComeUp = kept.current.images.length > 0 && mayPrepend();
    if ((told.current.size === 0 && !mayComeUp) || isOnItsWay(client, list)) return;
    const images = [...told.current.values()];
    told.current.clear();
    putChanges(client, changesTo(images));
    const pages = client.getQueryData<ImagePages>(list);
    if (!pages) return;
    const { fresh } = comparedWithHead(pages, images);
    const next = moreNews(kept.current, fresh, filters);
    // What is hidden goes along unseen: it is counted.
    const all = moreNews(kept.current, fresh, unhidden(filters));
    if (mayPrepend() && belongsOnTop(all, filters, firstOf(pages))) {
      client.setQueryData<ImagePages>(list, prependedPages(pages, all.images));
      keep(noNews);
    } else if (next !== kept.current) {
      keep(next);
    }
  }, [client, list, filters, mayPrepend, keep]);

  const compare = useCallback(
    async (signal?: AbortSignal) => {
      const pages = client.getQueryData<ImagePages>(list);
      const head = pages && (await askPage(filters, null, signal).catch(() => null));
      if (!head || signal?.aborted) return;
      for (const image of head.items) told.current.set(image.id, image);
      const isAllNew = head.next_cursor !== null && comparedWithHead(pages, head.items).known.length === 0;
      if (isAllNew) keep({ ...kept.current, isPartial: true });
    },
    [client, list, filters, keep],
  );

  const hear = (image: Image) => void told.current.set(image.id, image);
  useServerEvents({ image_stored: hear, image_failed: hear, missed: () => void compare() });

  useEffect(() => {
    const timer = setInterval(take, pause);
    return () => clearInterval(timer);
  }, [take]);

  useEffect(() => {
    told.current.clear();
    keep(noNews);
    const abort = new AbortController();
    if (isOlderThan(client, list, soon)) void compare(abort.signal);
    return () => abort.abort();
  }, [client, list, compare, keep]);

  const show = useCallback(() => {
    const pages = client.getQueryData<ImagePages>(list);
    if (pages && belongsOnTop(kept.current, filters, firstOf(pages))) {
      client.setQueryData<ImagePages>(list, prependedPages(pages, kept.current.images));
    } else {
      void client.resetQueries({ queryKey: list, exact: true });
    }
    keep(noNews);
    window.scrollTo({ top: 0 });
  }, [client, list, filters, keep]);

  return { news, show };
}

function firstOf(pages: ImagePages): Image | undefined {
  return pages.pages[0]?.items[0];
}

function isOlderThan(client: QueryClient, list: QueryKey, age: number): boolean {
  const state = client.getQueryState(list);
  return state?.data !== undefined && Date.now() - state.dataUpdatedAt > age;
}
