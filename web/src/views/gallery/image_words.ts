import type { Image } from "@/api/client";
import { failureWords } from "@/format/failures";
import { fromNow } from "@/format/times";

export interface Status {
  /** A few words. */
  what: string;
  /** The reason or what comes next; "" if there is nothing to say. */
  why: string;
}

/** What to say of an image that has no picture to show; null for one that has. */
export function statusOf(image: Image, now: Date = new Date()): Status | null {
  switch (image.state) {
    case "stored":
      return null;
    case "pending":
      return { what: "Waiting", why: waitingFor(image, now) };
    case "storing":
      return { what: "Being stored", why: "" };
    case "failed":
      return {
        what: image.failure_kind ? failureWords(image.failure_kind).what : "Failed",
        why: image.failure_message ?? "",
      };
    case "deleted":
      return { what: "Deleted", why: "It is not fetched again." };
  }
}

/** Tries that have failed: of those that came to an end, the one that stored the image did not. */
export function failedTries({ state, stored_at, attempts }: Image): number {
  const isStored = state === "stored" || (state === "deleted" && stored_at !== null);
  return Math.max(0, attempts - (isStored ? 1 : 0));
}

function waitingFor(image: Image, now: Date): string {
  if (image.attempts === 0) return "";
  const reason = image.failure_kind ? failureWords(image.failure_kind).what : "It failed";
  if (image.next_attempt_at === null || new Date(image.next_attempt_at) <= now) return `${reason}; trying again`;
  return `${reason}; next try ${fromNow(image.next_attempt_at, now)}`;
}

/** A value of an image's metadata for reading: a list of texts, which comes as JSON, without its brackets and quotes. */
export function metaText(value: string | null): string | null {
  if (value === null || !value.startsWith("[")) return value;
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) && list.every((one) => typeof one === "string") ? list.join(", ") : value;
  } catch {
    return value;
  }
}

const strangeTypes = new Set(["image/heic", "image/heif", "image/tiff", "image/jxl"]);

/** Why the bytes of a stored image do not show. */
export function unshownWords(image: Image): Status {
  if (image.type !== null && strangeTypes.has(image.type)) {
    return { what: "No preview", why: `This browser does not show ${image.type}.` };
  }
  return { what: "Cannot be shown", why: "The store does not give the object, or its bytes are damaged." };
}

/** True for what may become a link: an address of a stranger can be anything. */
export function isWebAddress(address: string | null): address is string {
  return address !== null && /^https?:\/\//i.test(address);
}

const shortTypes: Record<string, string> = {
  "image/jpeg": "JPEG",
  "image/svg+xml": "SVG",
  "image/vnd.microsoft.icon": "ICO",
  "image/jxl": "JPEG XL",
};

/** "PNG": a content type as people say it. */
export function typeName(type: string): string {
  return shortTypes[type] ?? type.replace(/^image\//, "").toUpperCase();
}

/** The types that creel tells apart, for a choice. */
export const imageTypes = [
  "image/jpeg",
  "image/png",
  "image/gif",
  "image/webp",
  "image/avif",
  "image/svg+xml",
  "image/bmp",
  "image/tiff",
  "image/heic",
  "image/jxl",
  "image/vnd.microsoft.icon",
] as const;
