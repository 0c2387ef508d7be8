import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { Image } from "@/api/client";

import { emptyLayout, type Frame, type Layout, relaid } from "./justified_rows";

const gap = 8;
const phone = 600;

/** Rows as high as suits the room there is. */
export function frameFor(width: number): Frame {
  if (width < phone) return { width, rowHeight: 130, gap: 5 };
  return { width, rowHeight: width < 1100 ? 190 : 230, gap };
}

/** The layout of the images in the grid's width, and where in the document the grid begins. */
export function useJustifiedRows(images: readonly Image[], grid: RefObject<HTMLElement | null>) {
  const { width, top } = usePlace(grid);
  const before = useRef<Layout>(emptyLayout(frameFor(0)));
  const layout = useMemo(
    () => (width === 0 ? emptyLayout(frameFor(0)) : relaid(before.current, images, frameFor(width))),
    [images, width],
  );
  useLayoutEffect(() => {
    before.current = layout;
  }, [layout]);
  return { layout, top };
}

function usePlace(grid: RefObject<HTMLElement | null>) {
  const [width, setWidth] = useState(0);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const element = grid.current;
    if (!element) return;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [grid]);
  // What stands above the grid comes and goes with what is shown, hence after every drawing; the same again ends it.
  const look = useCallback(() => {
    if (grid.current) setTop(Math.round(grid.current.getBoundingClientRect().top + window.scrollY));
  }, [grid]);
  useLayoutEffect(look);
  return { width, top };
}
