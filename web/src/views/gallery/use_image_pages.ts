import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { api, asked } from "@/api/client";
import { keys } from "@/api/queries";

import { type Filters, isHidden, queryOf } from "./filters";
import { countHiddenPages, type ImagePage, imagesOf } from "./image_pages";

const pageSize = 100;
/** So many pages in a row are looked through in vain before the reader is asked. */
const mostHiddenPages = 10;
const keptFor = 30 * 60_000;

export function listKey(filters: Filters) {
  return keys.imageList(queryOf(filters));
}

/** One page of the list, from the beginning or from a cursor. */
export function askPage(filters: Filters, cursor: string | null, signal?: AbortSignal): Promise<ImagePage> {
  const query = { ...queryOf(filters), limit: pageSize, ...(cursor === null ? {} : { cursor }) };
  return asked(api.GET("/images", { params: { query }, signal }));
}

/**
 * The list, loaded page by page. It is never loaded anew by itself: that would be all pages, and what is looked at would
 * move. What changes comes by events.
 */
export function useImagePages(filters: Filters) {
  const key = useMemo(() => listKey(filters), [filters]);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => askPage(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    structuralSharing: false,
    staleTime: Infinity,
    gcTime: keptFor,
    refetchOnMount: false,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
  const { data, fetchNextPage, hasNextPage, isFetching, isFetchNextPageError } = query;
  const loaded = useMemo(() => imagesOf(data), [data]);
  const images = useMemo(() => loaded.filter((image) => !isHidden(filters, image)), [loaded, filters]);
  const hiddenPages = useMemo(() => countHiddenPages(data, (image) => isHidden(filters, image)), [data, filters]);
  const isHeldUp = hiddenPages > 0 && hiddenPages % mostHiddenPages === 0;

  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage({ cancelRefetch: false });
  }, [hasNextPage, isFetching, fetchNextPage]);

  return {
    key,
    images,
    /** How many of what is loaded are not among them. */
    hidden: loaded.length - images.length,
    data,
    error: query.error,
    reload: query.refetch,
    isLoading: query.isPending,
    /** True while the list of the filters before is shown. */
    isOld: query.isPlaceholderData,
    hasMore: hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    /** True if loading goes on only when the reader says so. */
    mustBeAsked: isFetchNextPageError || isHeldUp,
    isHeldUp,
    loadMore,
  };
}

export type ImageList = ReturnType<typeof useImagePages>;
