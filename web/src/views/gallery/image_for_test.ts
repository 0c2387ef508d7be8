import type { Image } from "@/api/client";

/** A stored image of which nothing special is known, but for what a test says. */
export function imageForTest(changes: Partial<Image> = {}): Image {
  const id = changes.id ?? 1;
  return {
    id,
    source_id: 1,
    source: "Cats",
    image_id: `i${id}`,
    image_url: `https://a.example/${id}.png`,
    final_url: null,
    page_url: null,
    title: `Picture ${id}`,
    description: null,
    attribution_id: null,
    attribution_name: null,
    attribution_url: null,
    nsfw: null,
    state: "stored",
    failure_kind: null,
    failure_message: null,
    attempts: 0,
    next_attempt_at: null,
    key: `cats/${id}.png`,
    store_url: `file:///data/cats/${id}.png`,
    size_bytes: 1000,
    type: "image/png",
    width: 400,
    height: 300,
    sha256: "0".repeat(64),
    etag: null,
    origin_etag: null,
    origin_last_modified: null,
    folder_name: "cats",
    file_name: `${id}.png`,
    meta: {},
    published_at: null,
    found_at: "2026-01-10T12:00:00.000Z",
    stored_at: "2026-01-10T12:00:01.000Z",
    updated_at: "2026-01-10T12:00:01.000Z",
    ...changes,
  };
}

export function imagesForTest(from: number, count: number, changes: Partial<Image> = {}): Image[] {
  return Array.from({ length: count }, (_, at) => imageForTest({ ...changes, id: from + at }));
}
