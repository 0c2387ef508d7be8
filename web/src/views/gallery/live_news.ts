import type { Image } from "@/api/client";

import { type Filters, matches } from "./filters";

/** New images that are known of and not shown, so that nothing moves under the reader's eyes. */
export interface News {
  /** The newest first. */
  readonly images: readonly Image[];
  /** True if there are more, or others, than are kept here: only loading anew shows them. */
  readonly isPartial: boolean;
}

export const noNews: News = { images: [], isPartial: false };

/** More than these are loaded anew rather than put in one by one. */
const mostKept = 500;

/** The news with what events told, sorted out by what the list is about. */
export function moreNews(news: News, told: readonly Image[], filters: Filters): News {
  const ids = new Set(told.map((image) => image.id));
  const kept = news.images.filter((image) => !ids.has(image.id));
  const images = [...told.filter((image) => matches(filters, image)), ...kept].sort(newestFirst(filters.sort));
  if (images.length === news.images.length && images.every((image, at) => image === news.images[at])) return news;
  return { images: images.slice(0, mostKept), isPartial: news.isPartial || images.length > mostKept };
}

/** True if news stand before everything else in the list's order, and can be put there. */
export function belongsOnTop(news: News, filters: Filters, top: Image | undefined): boolean {
  if (news.isPartial) return false;
  const time = timeOf(filters.sort);
  if (!time) return false;
  const limit = top ? (time(top) ?? "") : "";
  return news.images.every((image) => (time(image) ?? "") >= limit);
}

function timeOf(sort: Filters["sort"]): ((image: Image) => string | null) | null {
  if (sort === "-stored_at") return (image) => image.stored_at;
  if (sort === "-found_at") return (image) => image.found_at;
  return null;
}

function newestFirst(sort: Filters["sort"]): (one: Image, other: Image) => number {
  const time = timeOf(sort) ?? ((image: Image) => image.updated_at);
  return (one, other) => (time(other) ?? "").localeCompare(time(one) ?? "") || other.id - one.id;
}
