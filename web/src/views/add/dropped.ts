import { formOfList, fromFile, type Listing, readList } from "@/views/add/list_text";

/** A list that was read from a file. */
export interface ListFile {
  name: string;
  listing: Listing;
}

export function listFile(name: string, listing: Listing): ListFile {
  return { name, listing: fromFile(name, listing) };
}

export interface ReadFiles {
  files: ListFile[];
  /** Files that are of no use here, and why. */
  problems: string[];
}

const largestFile = 64 * 1024 * 1024;
const lists = /\.(txt|text|lst|list|urls|csv|jsonl|ndjson)(\.gz)?$/i;

/** Reads the files as lists of URLs. */
export async function readFiles(files: File[]): Promise<ReadFiles> {
  const read: ReadFiles = { files: [], problems: [] };
  for (const file of files) {
    const why = whyNoList(file);
    if (why !== null) {
      read.problems.push(`${file.name}: ${why}`);
      continue;
    }
    try {
      const text = await textOf(file);
      read.files.push(listFile(file.name, readList(text, formOfList(text, file.name))));
    } catch {
      read.problems.push(`${file.name}: it could not be read`);
    }
  }
  return read;
}

/** Why a file is no list; null if it may be one. */
export function whyNoList(file: Pick<File, "name" | "type" | "size">): string | null {
  if (file.type.startsWith("image/")) {
    return "this is a picture. creel copies pictures from the web; give it their URLs";
  }
  if (!lists.test(file.name) && !file.type.startsWith("text/")) {
    return "a list is a text with one URL a line (.txt), CSV (.csv) or JSON Lines (.jsonl), also with .gz behind";
  }
  if (file.size > largestFile) {
    return "too large for this page. Use creel mirror, or make it a source of the kind list";
  }
  return null;
}

async function textOf(file: File): Promise<string> {
  if (!/\.gz$/i.test(file.name)) return file.text();
  return new Response(file.stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** The text that was dragged here: links as such, whatever their words are. */
export function droppedText(data: Pick<DataTransfer, "getData">): string {
  const links = data
    .getData("text/uri-list")
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.startsWith("#"));
  return links.length > 0 ? links.join("\n") : data.getData("text/plain");
}
