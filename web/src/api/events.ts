import { useEffect, useRef, useSyncExternalStore } from "react";

import type { FailureKind, Image, ImageState, Source } from "@/api/client";

/** What the backend's `/events` tells, by the event's name. */
export interface ServerEvents {
  image_stored: Image;
  image_failed: Image;
  source_changed: Source;
  source_deleted: { id: number };
  poll_ended: {
    source_id: number;
    poll: {
      id: number;
      started_at: string;
      ended_at: string | null;
      found: number;
      new: number;
      failure: { kind: FailureKind; message: string } | null;
    };
  };
  counters: Counters;
  missed: object;
}

/** The totals that come once a second. */
export interface Counters {
  images: Record<ImageState, number>;
  bytes: number;
  in_flight: number;
  budget_used_bytes: number;
  budget_capacity_bytes: number;
  stored_per_second: number;
  failed_per_second: number;
  bytes_per_second: number;
  failed_by_kind?: Partial<Record<FailureKind, number>>;
}

export type EventName = keyof ServerEvents;
export type Connection = "connecting" | "live" | "lost";

const names: EventName[] = [
  "image_stored",
  "image_failed",
  "source_changed",
  "source_deleted",
  "poll_ended",
  "counters",
  "missed",
];

/** An event with its name, so that the name tells the data's type. */
export type ServerEvent = { [Name in EventName]: { name: Name; data: ServerEvents[Name] } }[EventName];

type Listener = (event: ServerEvent) => void;

/** Milliseconds between tries to come back, where the browser itself has given up. */
const firstPause = 1_000;
const longestPause = 15_000;
/** Milliseconds without an event after which a connection is made anew: counters come every second. */
const longestSilence = 12_000;
const checkInterval = 4_000;

/** One stream of events for the whole page; it comes back by itself, and says whether it is there. */
export class EventStream {
  private readonly listeners = new Set<Listener>();
  private readonly watchers = new Set<() => void>();
  private readonly refusalWatchers = new Set<() => void>();
  private readonly open: (url: string) => EventSource;
  private source: EventSource | null = null;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private checking: ReturnType<typeof setInterval> | null = null;
  private pause = firstPause;
  private lastId = "";
  private heardAt = 0;
  private state: Connection = "connecting";

  constructor(open: (url: string) => EventSource = (url) => new EventSource(url)) {
    this.open = open;
  }

  start() {
    if (this.source || this.retry) return;
    this.checking = setInterval(() => this.check(), checkInterval);
    this.connect();
  }

  /** Ends the stream; one that is started afterwards begins with what is new then. */
  stop() {
    if (this.retry) clearTimeout(this.retry);
    if (this.checking) clearInterval(this.checking);
    this.retry = null;
    this.checking = null;
    this.source?.close();
    this.source = null;
    this.pause = firstPause;
    this.lastId = "";
    this.become("connecting");
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  connection = (): Connection => this.state;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Tells each time when the backend would not open the stream: perhaps the session is over. */
  whenRefused(watcher: () => void): () => void {
    this.refusalWatchers.add(watcher);
    return () => this.refusalWatchers.delete(watcher);
  }

  private connect() {
    this.retry = null;
    this.heardAt = Date.now();
    const query = this.lastId ? `?last_event_id=${encodeURIComponent(this.lastId)}` : "";
    const source = this.open(`/events${query}`);
    this.source = source;
    source.onopen = () => {
      this.pause = firstPause;
      this.heardAt = Date.now();
      this.become("live");
    };
    source.onerror = () => {
      this.become("lost");
      // The browser tries again by itself unless it was refused.
      if (source.readyState !== EventSource.CLOSED) return;
      this.later();
      for (const watcher of this.refusalWatchers) watcher();
    };
    for (const name of names) {
      source.addEventListener(name, (event) => {
        const message = event as MessageEvent<string>;
        if (message.lastEventId) this.lastId = message.lastEventId;
        this.heardAt = Date.now();
        this.give({ name, data: JSON.parse(message.data) } as ServerEvent);
      });
    }
  }

  private later() {
    this.source?.close();
    this.source = null;
    this.retry = setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(this.pause * 2, longestPause);
  }

  /**
   * A connection may die without a word: the machine slept, or a router forgot it. Silence alone does not say so, since
   * counters stop as well while the database is away; a new connection finds out.
   */
  private check() {
    if (!this.source || Date.now() - this.heardAt < longestSilence) return;
    if (this.source.readyState !== EventSource.OPEN) this.become("lost");
    this.source.close();
    this.connect();
  }

  private give(event: ServerEvent) {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        // The other listeners are told all the same.
        reportError(error);
      }
    }
  }

  private become(state: Connection) {
    if (state === this.state) return;
    this.state = state;
    for (const watcher of this.watchers) watcher();
  }
}

export const eventStream = new EventStream();

/** Whether events come in. */
export function useConnection(): Connection {
  return useSyncExternalStore(eventStream.watch, eventStream.connection);
}

/** Calls `then` each time events come in again after the connection was lost. */
export function useWhenBack(then: () => void) {
  const latest = useRef(then);
  useEffect(() => {
    latest.current = then;
  });
  useEffect(() => {
    let wasLost = eventStream.connection() === "lost";
    return eventStream.watch(() => {
      const connection = eventStream.connection();
      if (connection === "live" && wasLost) latest.current();
      wasLost = connection === "lost" || (wasLost && connection !== "live");
    });
  }, []);
}

type Handlers = { [Name in EventName]?: (data: ServerEvents[Name]) => void };

/** Calls the handlers of events while the component is shown. */
export function useServerEvents(handlers: Handlers) {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(
    () =>
      eventStream.listen(({ name, data }) => {
        (latest.current[name] as ((data: unknown) => void) | undefined)?.(data);
      }),
    [],
  );
}
