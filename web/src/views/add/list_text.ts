import type { components } from "@/api/schema";
import { csvRecords } from "@/views/add/csv";

export type NewImage = components["schemas"]["NewImage"];

/** A line of which no image can be made. */
export interface WrongLine {
  /** The file's name; undefined for what was typed. */
  file?: string;
  line: number;
  text: string;
  why: string;
}

/** What a text holds. */
export interface Listing {
  images: NewImage[];
  wrong: WrongLine[];
  /** URLs that stood there before. */
  repeated: number;
}

export type ListForm = "urls" | "csv" | "jsonl";

const longestUrl = 8_000;
const longestQuote = 120;

/** What a list calls an image's address; the second is an export's word. */
const urlNames = ["url", "image_url"];

/** Which form a text has: by its file's name, or by its first line. */
export function formOfList(text: string, fileName = ""): ListForm {
  const name = fileName.toLowerCase().replace(/\.gz$/, "");
  if (name.endsWith(".csv")) return "csv";
  if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) return "jsonl";
  const first = text.trimStart().split("\n", 1)[0]?.trim() ?? "";
  if (first.startsWith("{")) return "jsonl";
  const columns = first.split(",").map((column) => column.trim().toLowerCase());
  const isHeader = urlNames.some((name) => columns.includes(name) || columns.includes(`"${name}"`));
  return isHeader && !first.includes("://") ? "csv" : "urls";
}

/** Reads a list as `creel mirror` does; what cannot be used is told of line by line. */
export function readList(text: string, form: ListForm = formOfList(text)): Listing {
  const taker = new Taker();
  if (form === "urls") readUrls(text, taker);
  if (form === "csv") readCsv(text, taker);
  if (form === "jsonl") readJsonLines(text, taker);
  return taker.listing;
}

/** Several lists as one: an image that several of them name is in it once. */
export function joinedLists(lists: Listing[]): Listing {
  const only = lists[0];
  if (lists.length === 1 && only) return only;
  const taker = new Taker();
  for (const list of lists) {
    list.images.forEach((image) => taker.take(image));
    taker.listing.wrong.push(...list.wrong);
    taker.listing.repeated += list.repeated;
  }
  return taker.listing;
}

/** A list with its file's name at each line that cannot be used, so that one knows where to look. */
export function fromFile(file: string, list: Listing): Listing {
  return { ...list, wrong: list.wrong.map((one) => ({ ...one, file })) };
}

class Taker {
  readonly listing: Listing = { images: [], wrong: [], repeated: 0 };
  private readonly known = new Set<string>();

  take(image: NewImage) {
    if (this.known.has(image.image_url)) {
      this.listing.repeated += 1;
      return;
    }
    this.known.add(image.image_url);
    this.listing.images.push(image);
  }

  refuse(line: number, text: string, why: string) {
    const shown = text.length > longestQuote ? `${text.slice(0, longestQuote)}...` : text;
    this.listing.wrong.push({ line, text: shown, why });
  }

  /** Takes the image if its URL is of use. */
  check(line: number, image: NewImage) {
    const why = whyNoUrl(image.image_url);
    if (why === null) this.take(image);
    else this.refuse(line, image.image_url, why);
  }
}

/** Why a text is no URL of an image; null if it is one. */
export function whyNoUrl(text: string): string | null {
  if (text.length > longestUrl) return `longer than ${longestUrl.toLocaleString()} characters`;
  if (/\s/.test(text)) return "more than a URL: one a line, without anything beside it";
  if (/^(data|blob|file|ftp|javascript):/i.test(text)) return "only http and https URLs can be fetched";
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return /^[\w-]+(\.[\w-]+)+(\/|$)/.test(text) ? "no URL: https:// is missing in front of it" : "no URL";
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "no URL";
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return "only http and https URLs can be fetched";
  if (url.username !== "" || url.password !== "") return "has a user name or a password in it";
  return null;
}

function readUrls(text: string, taker: Taker) {
  text.split(/\r\n|\n|\r/).forEach((raw, index) => {
    const line = raw.replace(/^\uFEFF/, "").trim();
    if (line === "" || line.startsWith("#")) return;
    // Several in a line are taken too, if that is all there is.
    const words = line.split(/\s+/);
    const parts = words.every((word) => /^https?:\/\//i.test(word)) ? words : [line];
    for (const part of parts) taker.check(index + 1, { image_url: part });
  });
}

/** Columns that have a place of their own in the catalog; the others are metadata. */
const texts = ["title", "description", "attribution_name", "attribution_url", "page_url"] as const;

function readCsv(text: string, taker: Taker) {
  let columns: string[] | null = null;
  for (const { line, fields, isBroken } of csvRecords(text)) {
    if (isBroken) {
      taker.refuse(line, "", "a quoted field is not closed, or text follows its closing quote");
    } else if (columns === null) {
      columns = fields.map((field) => field.trim());
      if (columns.some((column) => urlNames.includes(column.toLowerCase()))) continue;
      taker.refuse(
        line,
        fields.join(","),
        "the first line of a CSV list names the columns, and url must be one of them",
      );
      return;
    } else if (fields.length > columns.length) {
      taker.refuse(line, fields.join(","), `has ${fields.length} fields, but there are ${columns.length} columns`);
    } else {
      checkUrl(taker, line, imageOfColumns(columns, fields));
    }
  }
}

function imageOfColumns(columns: string[], fields: string[]): NewImage {
  const image: NewImage = { image_url: "" };
  const meta: Record<string, string> = {};
  columns.forEach((column, place) => {
    const value = fields[place] ?? "";
    const name = column.toLowerCase();
    const text = texts.find((one) => one === name);
    if (value === "" || column === "") return;
    if (name === "url" || (name === "image_url" && image.image_url === "")) image.image_url = value.trim();
    else if (name === "file_name") image.file_name = value;
    else if (name === "folder") image.folder_name = value;
    else if (text) image[text] = value;
    else meta[column] = value;
  });
  if (Object.keys(meta).length > 0) image.meta = meta;
  return image;
}

function checkUrl(taker: Taker, line: number, image: NewImage) {
  if (image.image_url === "") taker.refuse(line, "", "url is missing");
  else taker.check(line, image);
}

function readJsonLines(text: string, taker: Taker) {
  text.split(/\r\n|\n/).forEach((raw, index) => {
    const line = raw.replace(/^\uFEFF/, "").trim();
    if (line === "") return;
    try {
      checkUrl(taker, index + 1, imageOfJson(JSON.parse(line)));
    } catch (error) {
      taker.refuse(index + 1, line, error instanceof WrongMember ? error.message : "this is no JSON");
    }
  });
}

class WrongMember extends Error {}

function imageOfJson(value: unknown): NewImage {
  if (!isObject(value)) throw new WrongMember("this is no JSON object");
  const image: NewImage = { image_url: (text(value, "url") ?? text(value, "image_url"))?.trim() ?? "" };
  const fileName = text(value, "file_name");
  const folder = text(value, "folder");
  if (fileName) image.file_name = fileName;
  if (folder) image.folder_name = folder;
  const headers = pairs(value, "headers");
  if (headers) image.fetch_headers = headers;
  const meta = pairs(value, "meta") ?? {};
  for (const name of texts) {
    const own = text(value, name) ?? meta[name];
    if (own) image[name] = own;
    delete meta[name];
  }
  if (Object.keys(meta).length > 0) image.meta = meta;
  return image;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(object: Record<string, unknown>, name: string): string | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new WrongMember(`${name} must be a text in quotes`);
  return value;
}

function pairs(object: Record<string, unknown>, name: string): Record<string, string> | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new WrongMember(`${name} must be an object`);
  const known = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(known.map(([key, one]) => [key, typeof one === "string" ? one : JSON.stringify(one)]));
}
