import type { FailureKind, Image, ImageState } from "@/api/client";
import type { paths } from "@/api/schema";
import type { Parameters } from "@/state/address";

export type ImageQuery = NonNullable<paths["/images"]["get"]["parameters"]["query"]>;
export type Sort = NonNullable<ImageQuery["sort"]>;

/** `all` leaves out what was deleted, as the backend does. */
export type StateFilter = ImageState | "all";
export const stateFilters = ["stored", "failed", "pending", "storing", "deleted", "all"] as const;

export const nsfwFilters = ["hide", "show", "only"] as const;
export type NsfwFilter = (typeof nsfwFilters)[number];

export const sorts = ["-stored_at", "stored_at", "-found_at", "found_at", "-size", "size"] as const;

/** What the gallery is narrowed down to. */
export interface Filters {
  /** Words in title, description or author. */
  q: string;
  /** A source's id. */
  source: number | null;
  state: StateFilter;
  /** A content type; "" for any. */
  type: string;
  /** Only together with the state `failed`. */
  failure: FailureKind | null;
  nsfw: NsfwFilter;
  /** Bytes. */
  minSize: number | null;
  maxSize: number | null;
  /** Days as "2026-01-31", in the reader's time zone; both are part of the range. */
  after: string | null;
  before: string | null;
  sort: Sort;
}

/** The order that suits a state: only what is stored has a time of storing. */
export function usualSort(state: StateFilter): Sort {
  return state === "stored" ? "-stored_at" : "-found_at";
}

export const usualFilters: Filters = {
  q: "",
  source: null,
  state: "stored",
  type: "",
  failure: null,
  nsfw: "hide",
  minSize: null,
  maxSize: null,
  after: null,
  before: null,
  sort: usualSort("stored"),
};

/** What the address asks for. What cannot be meant is as if it were not there, since addresses are typed and cut. */
export function readFilters(parameters: Parameters): Filters {
  const state = oneOf(stateFilters, parameters["state"]) ?? "stored";
  return {
    q: parameters["q"] ?? "",
    source: wholeNumber(parameters["source"], 1),
    state,
    type: parameters["type"] ?? "",
    failure: state === "failed" ? ((parameters["failure"] as FailureKind | undefined) ?? null) : null,
    nsfw: oneOf(nsfwFilters, parameters["nsfw"]) ?? "hide",
    minSize: wholeNumber(parameters["min_size"], 0),
    maxSize: wholeNumber(parameters["max_size"], 0),
    after: day(parameters["after"]),
    before: day(parameters["before"]),
    sort: oneOf(sorts, parameters["sort"]) ?? usualSort(state),
  };
}

/** The address's parameters for these filters; null for what is usual, which is left out. */
export function addressParameters(filters: Filters): Record<string, string | null> {
  const number = (value: number | null) => (value === null ? null : String(value));
  return {
    q: filters.q.trim() === "" ? null : filters.q,
    source: number(filters.source),
    state: filters.state === "stored" ? null : filters.state,
    type: filters.type || null,
    failure: filters.state === "failed" ? filters.failure : null,
    nsfw: filters.nsfw === "hide" ? null : filters.nsfw,
    min_size: number(filters.minSize),
    max_size: number(filters.maxSize),
    after: filters.after,
    before: filters.before,
    sort: filters.sort === usualSort(filters.state) ? null : filters.sort,
  };
}

/** Filters with a change. A new state takes along its own order, and leaves behind what only the old one had. */
export function changedFilters(filters: Filters, change: Partial<Filters>): Filters {
  const changed = { ...filters, ...change };
  if (changed.state !== filters.state && filters.sort === usualSort(filters.state) && !change.sort) {
    changed.sort = usualSort(changed.state);
  }
  if (changed.state !== "failed") changed.failure = null;
  return changed;
}

/** What the backend is asked. Hiding is not part of it, so that the page can say how many it hides. See isHidden. */
export function queryOf(filters: Filters): ImageQuery {
  const query: ImageQuery = { sort: filters.sort };
  if (filters.q.trim() !== "") query.q = filters.q.trim();
  if (filters.source !== null) query.source = filters.source;
  if (filters.state !== "all") query.state = filters.state;
  if (filters.type !== "") query.type = filters.type;
  if (filters.failure !== null) query.failure_kind = filters.failure;
  if (filters.nsfw === "only") query.nsfw = true;
  if (filters.minSize !== null) query.min_size = filters.minSize;
  if (filters.maxSize !== null) query.max_size = filters.maxSize;
  if (filters.after !== null) query.found_after = startOfDay(filters.after, 0).toISOString();
  if (filters.before !== null) query.found_before = startOfDay(filters.before, 1).toISOString();
  return query;
}

/** True for what the backend gives and the page does not show. */
export function isHidden(filters: Filters, image: Image): boolean {
  return filters.nsfw === "hide" && image.nsfw === true;
}

/** The same filters with nothing hidden. */
export function unhidden(filters: Filters): Filters {
  return filters.nsfw === "hide" ? { ...filters, nsfw: "show" } : filters;
}

/** True if the backend would list the image now. Words are looked for more simply than the backend does. */
export function matches(filters: Filters, image: Image): boolean {
  if (isHidden(filters, image)) return false;
  if (filters.state === "all" ? image.state === "deleted" : image.state !== filters.state) return false;
  if (filters.source !== null && image.source_id !== filters.source) return false;
  if (filters.type !== "" && !hasType(image, filters.type)) return false;
  if (filters.failure !== null && image.failure_kind !== filters.failure) return false;
  if (filters.nsfw === "only" && image.nsfw !== true) return false;
  return isInRanges(filters, image) && hasWords(image, filters.q);
}

/** How many filters narrow the list down, apart from the state and the words, which are always in sight. */
export function countNarrowing(filters: Filters): number {
  const { source, type, failure, nsfw, minSize, maxSize, after, before } = filters;
  const given = [source, type || null, failure, nsfw === "hide" ? null : nsfw, minSize, maxSize, after, before];
  return given.filter((value) => value !== null).length;
}

/** True if more is asked for than a state. */
export function isNarrowed(filters: Filters): boolean {
  return countNarrowing({ ...filters, nsfw: filters.nsfw === "only" ? "only" : "hide" }) > 0 || filters.q.trim() !== "";
}

function isInRanges(filters: Filters, image: Image): boolean {
  const size = image.size_bytes;
  if (filters.minSize !== null && (size === null || size < filters.minSize)) return false;
  if (filters.maxSize !== null && (size === null || size > filters.maxSize)) return false;
  const found = new Date(image.found_at);
  if (filters.after !== null && found < startOfDay(filters.after, 0)) return false;
  return filters.before === null || found < startOfDay(filters.before, 1);
}

function hasType(image: Image, wanted: string): boolean {
  if (image.type === null) return false;
  return wanted.endsWith("/*") ? image.type.startsWith(wanted.slice(0, -1)) : image.type === wanted;
}

function hasWords(image: Image, q: string): boolean {
  const text = [image.title, image.description, image.attribution_name].join(" ").toLowerCase();
  return q
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .every((word) => text.includes(word));
}

function oneOf<Name extends string>(names: readonly Name[], text: string | undefined): Name | null {
  return names.find((name) => name === text) ?? null;
}

function wholeNumber(text: string | undefined, least: number): number | null {
  if (text === undefined || !/^\d+$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= least ? value : null;
}

function day(text: string | undefined): string | null {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(startOfDay(text, 0).getTime())
    ? text
    : null;
}

/** Midnight at the beginning of a day, or of one so many days later, where the reader is. */
function startOfDay(text: string, daysLater: number): Date {
  const [year = 0, month = 1, date = 1] = text.split("-").map(Number);
  return new Date(year, month - 1, date + daysLater);
}
