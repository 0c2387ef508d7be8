import { describe, expect, it } from "vitest";

import type { Image, Source } from "@/api/client";
import type { ServerEvent } from "@/api/events";

import { folded, lineOf, type NewLine } from "./event_lines";

const now = "2026-11-30T10:00:00.000Z";

function image(change: Partial<Image>): Image {
  return {
    id: 7,
    source_id: 2,
    source: "Clouds",
    image_id: "c7",
    title: "Cumulus",
    file_name: "c7.jpg",
    state: "stored",
    failure_kind: null,
    size_bytes: 48_213,
    width: 800,
    height: 600,
    stored_at: "2026-11-30T09:59:58.000Z",
    updated_at: "2026-11-30T09:59:59.000Z",
    ...change,
  } as Image;
}

function source(change: Partial<Source>): Source {
  return { id: 2, name: "Clouds", state: "idle", reason: null, ...change } as Source;
}

function line(event: ServerEvent): NewLine | null {
  return lineOf(event, (id) => (id === 2 ? "Clouds" : undefined), now);
}

function pollEnded(sourceId: number, change: object): ServerEvent {
  const poll = { id: 1, started_at: now, ended_at: now, found: 40, new: 3, failure: null, ...change };
  return { name: "poll_ended", data: { source_id: sourceId, poll } };
}

describe("lineOf", () => {
  it("tells of a stored image where it is from, its shape and its size", () => {
    expect(line({ name: "image_stored", data: image({}) })).toEqual({
      kind: "stored",
      at: "2026-11-30T09:59:58.000Z",
      title: "Cumulus",
      detail: "Clouds · 800 × 600 · 48.2 KB",
      image: { id: 7, hasThumbnail: true },
      sourceId: 2,
    });
  });

  it("fetches no thumbnail of a large image", () => {
    const told = line({ name: "image_stored", data: image({ size_bytes: 12_000_000 }) });
    expect(told?.image).toEqual({ id: 7, hasThumbnail: false });
  });

  it("names an image without a title by its file, and without that by its source's name for it", () => {
    expect(line({ name: "image_stored", data: image({ title: null }) })?.title).toBe("c7.jpg");
    expect(line({ name: "image_stored", data: image({ title: "", file_name: "" }) })?.title).toBe("c7");
  });

  it("tells why an image failed", () => {
    const told = line({ name: "image_failed", data: image({ state: "failed", failure_kind: "not_found" }) });
    expect(told).toMatchObject({ kind: "failed", detail: "Clouds · Not found", image: { id: 7, hasThumbnail: false } });
  });

  it("tells of a failed image that waits that it is tried again", () => {
    const told = line({ name: "image_failed", data: image({ state: "pending", failure_kind: "timeout" }) });
    expect(told).toMatchObject({ kind: "retrying", detail: "Clouds · Too slow · is tried again" });
  });

  it("tells what a poll found, and how it failed", () => {
    expect(line(pollEnded(2, {}))).toMatchObject({
      kind: "poll",
      title: "Clouds",
      detail: "Polled: found 40 images, 3 new",
    });
    expect(line(pollEnded(2, { found: 0, new: 0 }))).toMatchObject({ detail: "Polled: found nothing" });
    expect(line(pollEnded(2, { failure: { kind: "bad_auth", message: "401 from example.com" } }))).toMatchObject({
      kind: "trouble",
      detail: "Poll failed: Credentials refused · 401 from example.com",
    });
  });

  it("names a source that it has not heard of by its number", () => {
    expect(line(pollEnded(9, {}))?.title).toBe("Source 9");
  });

  it("takes a source that is blocked, or was stopped for a reason, as trouble", () => {
    const kind = (change: Partial<Source>) => line({ name: "source_changed", data: source(change) })?.kind;
    expect(kind({ state: "idle" })).toBe("source");
    expect(kind({ state: "stopped" })).toBe("source");
    expect(kind({ state: "blocked", reason: "429" })).toBe("trouble");
    expect(kind({ state: "stopped", reason: "bad_auth" })).toBe("trouble");
  });

  it("has no line for counters", () => {
    expect(line({ name: "counters", data: {} } as ServerEvent)).toBeNull();
  });
});

describe("folded", () => {
  const stored = (title: string): NewLine => ({ kind: "stored", at: title, title, detail: "" });
  const poll: NewLine = { kind: "poll", at: "p", title: "poll", detail: "" };

  it("leaves a few lines as they are", () => {
    const lines = [stored("1"), poll, stored("2")];
    expect(folded(lines, 2)).toEqual(lines);
  });

  it("keeps the newest of a crowd and counts the others", () => {
    const lines = [stored("1"), stored("2"), poll, stored("3"), stored("4")];
    expect(folded(lines, 2).map((line) => line.title)).toEqual(["2 more images stored", "poll", "3", "4"]);
  });

  it("keeps every line that is not about an image", () => {
    expect(folded([poll, poll, poll], 2)).toHaveLength(3);
  });
});
