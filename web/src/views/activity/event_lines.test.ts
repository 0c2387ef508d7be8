import { describe, expect, it } from "vitest";

import type { Image, Source } from "@/api/client";
import type { ServerEvent } from "@/api/events";

import { folded, isStateNews, lineOf, type NewLine } from "./event_lines";

const now = "2026-11-30T10:00:00.000Z";

function image(change: Partial<Image>): Image {
  return {
    id: 7,
    source_id: 2,
    source: "Clouds",
    image_id: "c7",
    image_url: "https://a.example/clouds/white%20ones.jpg",
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
      at: now,
      title: "Cumulus",
      detail: "Clouds · 800 × 600 · 48.2 KB",
      image: { id: 7, hasThumbnail: true },
      sourceId: 2,
    });
  });

  it("has one kind of time for all: when the page was told", () => {
    const told = [
      line({ name: "image_stored", data: image({}) }),
      line({ name: "image_failed", data: image({ state: "failed" }) }),
      line(pollEnded(2, { ended_at: "2026-11-30T09:00:00.000Z" })),
      line({ name: "source_changed", data: source({ state: "stopped" }) }),
    ];
    expect(told.map((one) => one?.at)).toEqual([now, now, now, now]);
  });

  it("fetches no thumbnail of a large image", () => {
    const told = line({ name: "image_stored", data: image({ size_bytes: 12_000_000 }) });
    expect(told?.image).toEqual({ id: 7, hasThumbnail: false });
  });

  it("names an image without a title by its file, and without that by its address", () => {
    expect(line({ name: "image_stored", data: image({ title: null, file_name: "sky.jpg" }) })?.title).toBe("sky.jpg");
    expect(line({ name: "image_stored", data: image({ title: "", file_name: "c7" }) })?.title).toBe("white ones");
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
    expect(line(pollEnded(2, { failure: { kind: "bad_auth", message: "401 from example.com" } }))).toMatchObject({
      kind: "trouble",
      detail: "Poll failed: Credentials refused · 401 from example.com",
    });
  });

  it("has no line for a poll that brought nothing new, unless it failed", () => {
    expect(line(pollEnded(2, { found: 0, new: 0 }))).toBeNull();
    expect(line(pollEnded(2, { found: 40, new: 0 }))).toBeNull();
    const failure = { kind: "timeout", message: "30 s" };
    expect(line(pollEnded(2, { found: 0, new: 0, failure }))?.kind).toBe("trouble");
  });

  it("tells a poll that was put off from one that was stopped", () => {
    const left = { kind: "cancelled", message: "a.example is left alone for now: it answered with status 429" };
    expect(line(pollEnded(2, { failure: left }))?.detail).toMatch(/^Poll put off: /);
    const cut = { kind: "cancelled", message: "the poll was cut off" };
    expect(line(pollEnded(2, { failure: cut }))?.detail).toMatch(/^Poll stopped: /);
  });

  it("has no line for what a poll does to its source's state", () => {
    expect(line({ name: "source_changed", data: source({ state: "fetching" }) })).toBeNull();
    expect(line({ name: "source_changed", data: source({ state: "stopping" }) })).toBeNull();
  });

  it("tells of a source that runs that it was started, and not how its last poll went", () => {
    const told = line({ name: "source_changed", data: source({ state: "idle", reason: "timeout: 30 s" }) });
    expect(told).toMatchObject({ kind: "source", detail: "Started" });
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

describe("isStateNews", () => {
  const stay = (state: Source["state"], reason: string | null = null) => ({ state, reason });

  it("is that a source stopped or has to wait, once", () => {
    expect(isStateNews(source({ state: "stopped" }), stay("idle"))).toBe(true);
    expect(isStateNews(source({ state: "stopped" }), stay("stopped"))).toBe(false);
    expect(isStateNews(source({ state: "blocked", reason: "429" }), stay("idle"))).toBe(true);
    expect(isStateNews(source({ state: "blocked", reason: "429" }), stay("blocked", "429"))).toBe(false);
    expect(isStateNews(source({ state: "blocked", reason: "503" }), stay("blocked", "429"))).toBe(true);
  });

  it("is that a source runs only if it was stopped, or has never been polled", () => {
    const polled = source({ state: "idle", last_poll: now });
    expect(isStateNews(polled, stay("stopped"))).toBe(true);
    expect(isStateNews(polled, stay("idle"))).toBe(false);
    expect(isStateNews(polled, stay("blocked", "429"))).toBe(false);
    expect(isStateNews(polled, undefined)).toBe(false);
    expect(isStateNews(source({ state: "idle", last_poll: null }), undefined)).toBe(true);
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

  it("puts the line of those that it counts in their place, so that times do not run backwards", () => {
    const lines = [poll, stored("1"), stored("2"), poll, stored("3"), stored("4")];
    const kept = folded(lines, 2);
    expect(kept.map((line) => line.title)).toEqual(["poll", "2 more images stored", "poll", "3", "4"]);
    expect(kept[1]!.at).toBe("2");
  });

  it("keeps every line that is not about an image", () => {
    expect(folded([poll, poll, poll], 2)).toHaveLength(3);
  });
});
