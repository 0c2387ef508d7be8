import { VisuallyHidden } from "@mantine/core";
import { Suspense, useCallback, useEffect, useRef, useState } from "react";

import { useMayWrite } from "@/api/session";
import { later } from "@/parts/later";
import { Trouble } from "@/parts/trouble";

import { type ListLength, spokenLength } from "./count_words";
import { DeleteDialog } from "./delete_dialog";
import { EmptyGallery } from "./empty_gallery";
import { totalOf } from "./empty_kinds";
import { FilterChips } from "./filter_chips";
import { GallerySkeleton } from "./gallery_skeleton";
import { GalleryToolbar } from "./gallery_toolbar";
import { ImageGrid } from "./image_grid";
import { ListEnd } from "./list_end";
import { NewsButton } from "./news_button";
import { SelectionBar } from "./selection_bar";
import { focusState } from "./state_tabs";
import { useCounts } from "./use_counts";
import { filterKey, useFilters } from "./use_filters";
import type { FocusRequest } from "./use_grid_cursor";
import { type ImageList, useImagePages } from "./use_image_pages";
import { useLiveNews } from "./use_live_news";
import { useOpened } from "./use_opened";
import { usePointing } from "./use_pointing";
import { useOwnScrolling } from "./use_scroll_memory";
import { useReturn, useSelected, useSelectionKeys } from "./use_selected";
import { useSources } from "./use_sources";

const LightBox = later(() => import("./light_box").then((module) => module.LightBox));

/** So near to the top counts as being there. */
const atTop = 60;

/** All images as pictures: found by filters and words, looked at, picked out, deleted and tried again. */
export function Gallery() {
  const { filters, narrow, clear } = useFilters();
  const name = filterKey(filters);
  const list = useImagePages(filters);
  const { images } = list;
  const counts = useCounts();
  const sources = useSources();
  const { opened, open, turn, close } = useOpened();
  const [focusRequest, requestFocus] = useState<FocusRequest | null>(null);
  const tabs = useRef<HTMLDivElement>(null);
  /** Gives the keyboard to a tile, or to the chosen state if there is none. */
  const giveKeyboard = useCallback((id: number | null) => {
    if (id === null) focusState(tabs.current);
    else requestFocus({ id });
  }, []);
  useOwnScrolling();
  const chosen = useSelected(images, name, useMayWrite(), giveKeyboard);
  useReturn(opened, images, giveKeyboard);
  useSelectionKeys(images, chosen, chosen.isDeleting || opened !== null);

  const isAtRest = chosen.selection.ids.size === 0 && opened === null;
  const grid = useRef<HTMLDivElement>(null);
  const { isPointedAt, pointing } = usePointing(grid);
  const mayPrepend = useCallback(() => isAtRest && window.scrollY < atTop && !isPointedAt(), [isAtRest, isPointedAt]);
  const { news, show } = useLiveNews({ filters, list: list.key, mayPrepend });
  const autoLoad = useAutoLoad(list);
  const length = lengthOf(list, totalOf(filters, counts));
  const fields = { filters, narrow, sources };

  return (
    <>
      <GalleryToolbar {...fields} counts={counts} length={list.isLoading ? null : length} tabs={tabs} />
      <FilterChips {...fields} clear={clear} />
      <NewsButton news={news} onShow={show} />
      {list.isLoading && !list.error && <GallerySkeleton />}
      {list.error && images.length === 0 && <Trouble error={list.error} again={() => void list.reload()} />}
      {images.length > 0 && (
        <div ref={grid} {...pointing}>
          <ImageGrid
            images={images}
            name={name}
            isOld={list.isOld}
            hasMore={list.hasMore}
            onNearEnd={autoLoad}
            selection={chosen.selection}
            select={chosen.select}
            onOpen={open}
            onDelete={chosen.select && chosen.askToDelete}
            focusRequest={focusRequest}
          />
        </div>
      )}
      {isEmpty(list) && (
        <EmptyGallery filters={filters} counts={counts} hidden={list.hidden} narrow={narrow} clear={clear} />
      )}
      <ListEnd list={list} onShowHidden={() => narrow({ nsfw: "show" })} />
      <SelectionBar chosen={chosen} />
      <DeleteDialog
        images={chosen.isDeleting ? chosen.picked : []}
        onCancel={chosen.keep}
        onDelete={() => void chosen.remove()}
      />
      {opened !== null && (
        <Suspense fallback={null}>
          <LightBox id={opened} list={list} actions={chosen.actions} onTurn={turn} onClose={close} />
        </Suspense>
      )}
      <VisuallyHidden role="status">
        {list.isLoading || list.isOld ? "Loading images" : spokenLength(length)}
      </VisuallyHidden>
    </>
  );
}

/** Loads on by itself, as long as the reader need not be asked. */
function useAutoLoad({ images, loadMore, mustBeAsked }: ImageList) {
  const autoLoad = useCallback(() => {
    if (!mustBeAsked) loadMore();
  }, [mustBeAsked, loadMore]);
  // Where all that has come is hidden there is no end of the grid to come near to.
  useEffect(() => {
    if (images.length === 0) autoLoad();
  }, [images.length, autoLoad]);
  return autoLoad;
}

function isEmpty({ images, isLoading, hasMore, error }: ImageList): boolean {
  return images.length === 0 && !isLoading && !hasMore && !error;
}

function lengthOf({ images, hidden, hasMore }: ImageList, total: number | null): ListLength {
  return { shown: images.length, hidden, hasMore, total };
}
