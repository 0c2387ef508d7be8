import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Image, Source } from "@/api/client";
import { type Counters, EventStream, type ServerEvent } from "@/api/events";

import { chartSpan, EventLog, followEvents, RateHistory } from "./history";

function counters(stored: number): Counters {
  return { stored_per_second: stored, failed_per_second: 0, bytes_per_second: 10 * stored } as Counters;
}

function stored(id: number): ServerEvent {
  const size = { size_bytes: 1000, width: 10, height: 10 };
  const image = { id, source_id: 2, source: "Clouds", title: `Image ${id}`, updated_at: "", stored_at: "", ...size };
  return { name: "image_stored", data: image as Image };
}

function changed(state: Source["state"], reason: string | null = null): ServerEvent {
  return { name: "source_changed", data: { id: 2, name: "Clouds", state, reason, last_poll: "2026" } as Source };
}

describe("RateHistory", () => {
  it("keeps the rates of the last minutes and the newest counters", () => {
    const rates = new RateHistory();
    for (let second = 0; second < 400; second += 1) rates.add(counters(second), second * 1000);
    expect(rates.points().at(-1)).toEqual({ at: 399_000, stored: 399, failed: 0, bytes: 3990 });
    expect(rates.points()[0]!.at).toBeGreaterThanOrEqual(399_000 - chartSpan - 5000);
    expect(rates.points()[0]!.at).toBeLessThanOrEqual(399_000 - chartSpan);
    expect(rates.counters()?.stored_per_second).toBe(399);
  });

  it("keeps the last point before the time that is shown, so that a long silence is not taken for a late beginning", () => {
    const rates = new RateHistory();
    rates.add(counters(1), 0);
    rates.add(counters(2), 1000);
    rates.add(counters(3), 2 * chartSpan);
    expect(rates.points().map((point) => point.stored)).toEqual([2, 3]);
    expect(rates.since()).toBe(0);
  });

  it("knows since when it knows anything", () => {
    const rates = new RateHistory();
    expect(rates.since()).toBeNull();
    for (let second = 10; second < 400; second += 1) rates.add(counters(second), second * 1000);
    expect(rates.since()).toBe(10_000);
    rates.clear();
    expect(rates.since()).toBeNull();
  });

  describe("with what the backend remembers", () => {
    const now = Date.parse("2026-01-02T03:04:10.000Z");
    const step = (seconds: number, stored: number) => ({
      at: new Date(now - seconds * 1000).toISOString(),
      stored,
      failed: 0,
      bytes: 10 * stored,
    });

    it("begins with the minutes before", () => {
      const rates = new RateHistory();
      rates.add(counters(7), now);
      rates.recall([step(12, 50), step(7, 10)], now);
      const points = rates.points();
      expect(points.map((point) => point.stored)).toEqual([10, 10, 10, 10, 10, 2, 2, 2, 2, 2, 2, 7]);
      expect(points.slice(1).every((point, index) => point.at - points[index]!.at === 1000)).toBe(true);
      expect(points[0]!.bytes).toBe(100);
      expect(rates.since()).toBe(now - 11_000);
    });

    it("takes it in once", () => {
      const rates = new RateHistory();
      rates.recall([step(12, 50), step(7, 10)], now);
      const { length } = rates.points();
      rates.recall([step(12, 50), step(7, 10)], now);
      expect(rates.points()).toHaveLength(length);
    });

    it("goes by the time here where the backend's clock is another", () => {
      const rates = new RateHistory();
      rates.recall([step(3612, 50), step(3607, 10)], now);
      expect(rates.points().at(-1)!.at).toBe(now - 1000);
    });
  });

  it("takes the newest of counters that come all at once, since it is not known when the others were true", () => {
    const rates = new RateHistory();
    rates.add(counters(1), 1000);
    for (const value of [2, 3, 4]) rates.add(counters(value), 9000 + value);
    expect(rates.points().map((point) => point.stored)).toEqual([1, 4]);
  });
});

describe("EventLog", () => {
  let log: EventLog;
  const add = (event: ServerEvent) => log.add(event, new Date());
  const titles = () => log.lines().map((line) => line.title);

  beforeEach(() => {
    vi.useFakeTimers();
    log = new EventLog();
  });
  afterEach(() => vi.useRealTimers());

  it("shows the first event at once and the newest first", () => {
    add(stored(1));
    vi.advanceTimersByTime(1);
    expect(titles()).toEqual(["Image 1"]);
    add(stored(2));
    add(stored(3));
    vi.advanceTimersByTime(1_000);
    expect(titles()).toEqual(["Image 3", "Image 2", "Image 1"]);
  });

  it("changes once a second, however many events come", () => {
    let changes = 0;
    log.watch(() => (changes += 1));
    for (let tick = 0; tick < 20; tick += 1) {
      for (let one = 0; one < 20; one += 1) add(stored(one));
      vi.advanceTimersByTime(100);
    }
    expect(changes).toBe(3);
    expect(log.lines().length).toBeLessThanOrEqual(30);
  });

  it("keeps the last 200 lines, each with a key of its own", () => {
    for (let id = 0; id < 300; id += 1) {
      add(stored(id));
      vi.advanceTimersByTime(1_001);
    }
    expect(titles()).toHaveLength(200);
    expect(titles()[0]).toBe("Image 299");
    expect(new Set(log.lines().map((line) => line.key)).size).toBe(200);
  });

  const details = () => log.lines().map((line) => line.detail);
  const ended = (found: number, fresh: number): ServerEvent => {
    const poll = { id: 1, started_at: "", ended_at: "", found, new: fresh, failure: null };
    return { name: "poll_ended", data: { source_id: 2, poll } };
  };

  it("has no line for polls that bring nothing, however many there are", () => {
    for (let poll = 0; poll < 5; poll += 1) {
      for (const event of [changed("fetching"), ended(40, 0), changed("idle")]) add(event);
    }
    vi.advanceTimersByTime(1_000);
    expect(log.lines()).toEqual([]);
  });

  it("has one line for a poll that brings something", () => {
    for (const event of [changed("idle"), changed("fetching"), ended(40, 3), changed("idle")]) add(event);
    vi.advanceTimersByTime(1_000);
    expect(details()).toEqual(["Polled: found 40 images, 3 new"]);
  });

  it("tells that a source was stopped and started", () => {
    for (const state of ["idle", "fetching", "stopping", "stopped", "idle", "fetching", "idle"] as const)
      add(changed(state));
    vi.advanceTimersByTime(1_000);
    expect(details()).toEqual(["Started", "Stopped"]);
  });

  it("does not call a stopped source started that is polled once", () => {
    for (const state of ["stopped", "fetching", "stopped"] as const) add(changed(state));
    vi.advanceTimersByTime(1_000);
    expect(details()).toEqual(["Stopped"]);
  });

  it("tells once that a source has to wait, though it is polled again and again meanwhile", () => {
    for (let poll = 0; poll < 3; poll += 1) {
      add(changed("fetching", "rate_limited: 429"));
      add(changed("blocked", "rate_limited: 429"));
    }
    vi.advanceTimersByTime(1_000);
    expect(details()).toEqual(["Is left alone, as its server asks: rate_limited: 429"]);
  });

  it("calls a source by the name that it was last told", () => {
    add(stored(1));
    add(ended(1, 1));
    vi.advanceTimersByTime(1);
    expect(titles()).toEqual(["Clouds", "Image 1"]);
  });

  it("begins with what became of images before, in the order in which it happened", () => {
    add(stored(1));
    vi.advanceTimersByTime(1);
    const past = (id: number, change: Partial<Image>) =>
      ({
        ...stored(id).data,
        state: "stored",
        stored_at: null,
        updated_at: "",
        failure_kind: null,
        ...change,
      }) as Image;
    const images = [
      past(1, { stored_at: "2026-01-01T00:00:09Z" }),
      past(2, { stored_at: "2026-01-01T00:00:01Z" }),
      past(3, { state: "failed", failure_kind: "not_found", updated_at: "2026-01-01T00:00:02Z" }),
      past(4, { state: "pending" }),
    ];
    log.begin(Date.parse("2026-01-01T00:00:03Z"));
    // It has been told of since, in a line with many others.
    images.push(past(6, { stored_at: "2026-01-01T00:00:04Z" }));
    log.recall(images);
    log.recall(images);
    expect(titles()).toEqual(["Image 1", "Image 3", "Image 2"]);
    expect(
      log
        .lines()
        .map((line) => line.at)
        .slice(1),
    ).toEqual(["2026-01-01T00:00:02Z", "2026-01-01T00:00:01Z"]);
    add(stored(5));
    vi.advanceTimersByTime(1_000);
    expect(titles()[0]).toBe("Image 5");
    expect(new Set(log.lines().map((line) => line.key)).size).toBe(4);
  });

  it("forgets all when it is cleared, what was not shown yet too", () => {
    add(stored(1));
    log.clear();
    vi.advanceTimersByTime(5_000);
    expect(titles()).toEqual([]);
  });
});

describe("followEvents", () => {
  it("keeps what comes while it follows, and forgets it afterwards", () => {
    const source = Object.assign(new EventTarget(), { readyState: 1, close: () => {} });
    const stream = new EventStream(() => source as unknown as EventSource);
    const [rates, log] = [new RateHistory(), new EventLog()];
    const unfollow = followEvents(stream, rates, log);
    stream.start();
    source.dispatchEvent(new MessageEvent("counters", { data: JSON.stringify(counters(5)) }));
    expect(rates.points()).toHaveLength(1);
    unfollow();
    expect(rates.points()).toHaveLength(0);
    source.dispatchEvent(new MessageEvent("counters", { data: JSON.stringify(counters(6)) }));
    expect(rates.points()).toHaveLength(0);
    stream.stop();
  });
});
