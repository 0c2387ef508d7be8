import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { EventStream, type ServerEvent } from "@/api/events";

/** A stream whose connection the test makes and breaks. */
class FakeSource extends EventTarget {
  static readonly all: FakeSource[] = [];
  readonly url: string;
  readyState: number = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(url: string) {
    super();
    this.url = url;
    FakeSource.all.push(this);
  }

  close() {
    this.readyState = 2;
  }

  opens() {
    this.readyState = 1;
    this.onopen?.();
  }

  /** The connection broke; the browser tries again by itself. */
  breaks() {
    this.readyState = 0;
    this.onerror?.();
  }

  /** The backend answered with an error; the browser gives up. */
  isRefused() {
    this.readyState = 2;
    this.onerror?.();
  }

  tells(name: string, data: object, lastEventId: string) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data), lastEventId }));
  }
}

function last(): FakeSource {
  return FakeSource.all.at(-1)!;
}

describe("EventStream", () => {
  let stream: EventStream;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("EventSource", { CONNECTING: 0, OPEN: 1, CLOSED: 2 });
    FakeSource.all.length = 0;
    stream = new EventStream((url) => new FakeSource(url) as unknown as EventSource);
  });

  afterEach(() => {
    stream.stop();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("is live when the connection stands and lost when it breaks", () => {
    const told: string[] = [];
    stream.watch(() => told.push(stream.connection()));
    stream.start();
    expect(stream.connection()).toBe("connecting");
    last().opens();
    last().breaks();
    last().opens();
    expect(told).toEqual(["live", "lost", "live"]);
  });

  it("leaves coming back to the browser when the connection merely broke", () => {
    stream.start();
    last().opens();
    last().breaks();
    vi.advanceTimersByTime(3_000);
    expect(FakeSource.all).toHaveLength(1);
  });

  it("comes back by itself after a refusal, and says that it was refused", () => {
    let refusals = 0;
    stream.whenRefused(() => (refusals += 1));
    stream.start();
    last().isRefused();
    expect(refusals).toBe(1);
    expect(stream.connection()).toBe("lost");
    vi.advanceTimersByTime(1_000);
    expect(FakeSource.all).toHaveLength(2);
    last().opens();
    expect(stream.connection()).toBe("live");
  });

  it("waits longer after each refusal, and as short as at first once it was live", () => {
    const pauses = () => {
      const before = FakeSource.all.length;
      last().isRefused();
      let waited = 0;
      while (FakeSource.all.length === before && waited < 60_000) {
        vi.advanceTimersByTime(500);
        waited += 500;
      }
      return waited;
    };
    stream.start();
    expect([pauses(), pauses(), pauses(), pauses(), pauses(), pauses()]).toEqual([
      1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
    ]);
    last().opens();
    expect(pauses()).toBe(1_000);
  });

  it("goes on after the last event that it has", () => {
    stream.start();
    expect(last().url).toBe("/events");
    last().opens();
    last().tells("missed", {}, "life-7");
    last().tells("source_deleted", { id: 3 }, "life-8");
    last().isRefused();
    vi.advanceTimersByTime(1_000);
    expect(last().url).toBe("/events?last_event_id=life-8");
  });

  it("gives events by name to all that listen, though one of them fails", () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const heard: ServerEvent[] = [];
    stream.listen(() => {
      throw new Error("this listener is broken");
    });
    const unlisten = stream.listen((event) => heard.push(event));
    stream.start();
    last().tells("source_deleted", { id: 3 }, "1");
    unlisten();
    last().tells("source_deleted", { id: 4 }, "2");
    expect(heard).toEqual([{ name: "source_deleted", data: { id: 3 } }]);
    expect(reported).toHaveBeenCalledTimes(2);
  });

  it("makes the connection anew after a silence, without a word if that works", () => {
    stream.start();
    last().opens();
    vi.advanceTimersByTime(16_000);
    expect(FakeSource.all).toHaveLength(2);
    expect(FakeSource.all[0]!.readyState).toBe(2);
    expect(stream.connection()).toBe("live");
  });

  it("is lost when the connection that is made after a silence does not come either", () => {
    stream.start();
    last().opens();
    vi.advanceTimersByTime(30_000);
    expect(stream.connection()).toBe("lost");
  });

  it("keeps a connection on which events come", () => {
    stream.start();
    last().opens();
    for (let second = 0; second < 40; second += 1) {
      vi.advanceTimersByTime(1_000);
      last().tells("missed", {}, "1");
    }
    expect(FakeSource.all).toHaveLength(1);
  });

  it("is closed by stop, does not come back, and begins anew with what is new", () => {
    stream.start();
    last().opens();
    last().tells("missed", {}, "life-7");
    stream.stop();
    expect(last().readyState).toBe(2);
    expect(stream.connection()).toBe("connecting");
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.all).toHaveLength(1);
    stream.start();
    expect(last().url).toBe("/events");
  });

  it("does not come back after a stop that follows a refusal", () => {
    stream.start();
    last().isRefused();
    stream.stop();
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.all).toHaveLength(1);
  });
});
