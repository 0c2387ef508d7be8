import type { Source } from "@/api/client";
import type { Counters, EventStream, ServerEvent } from "@/api/events";

import { type EventLine, folded, lineOf, type NewLine } from "./event_lines";
import { longestStep, type RatePoint } from "./series";

/** Milliseconds that the chart looks back. */
export const chartSpan = 5 * 60_000;
const mostLines = 200;
/** Milliseconds between the log's changes: hundreds of events a second must not keep the page busy. */
const pace = 1_000;
/** Counters nearer to each other than this came late, all at once; the newest says what is true now. */
const nearest = 300;

type Watcher = () => void;

/** What can be watched by `useSyncExternalStore`. */
class Watched {
  private readonly watchers = new Set<Watcher>();

  watch = (watcher: Watcher): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  protected tell() {
    for (const watcher of this.watchers) watcher();
  }
}

/** The rates of the last minutes and the newest totals. */
export class RateHistory extends Watched {
  private known: readonly RatePoint[] = [];
  private newest: Counters | null = null;

  points = (): readonly RatePoint[] => this.known;
  counters = (): Counters | null => this.newest;

  add(counters: Counters, at: number) {
    const point = {
      at,
      stored: counters.stored_per_second,
      failed: counters.failed_per_second,
      bytes: counters.bytes_per_second,
    };
    const last = this.known.at(-1);
    const before = last && at - last.at < nearest ? this.known.slice(0, -1) : this.known;
    this.known = [...before.filter((one) => one.at >= at - chartSpan - longestStep), point];
    this.newest = counters;
    this.tell();
  }

  clear() {
    this.known = [];
    this.newest = null;
    this.tell();
  }
}

/** The last events as lines, the newest first. */
export class EventLog extends Watched {
  private known: readonly EventLine[] = [];
  private waiting: NewLine[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private toldAt = -Infinity;
  private nextKey = 1;
  private readonly names = new Map<number, string>();
  private readonly states = new Map<number, string>();

  lines = (): readonly EventLine[] => this.known;

  /** Names of sources that no event has told of. */
  learn(id: number, name: string) {
    this.names.set(id, name);
  }

  add(event: ServerEvent, now: Date) {
    if (event.name === "source_changed" && !this.isNews(event.data)) return;
    if (event.name === "image_stored" || event.name === "image_failed")
      this.learn(event.data.source_id, event.data.source);
    const line = lineOf(event, (id) => this.names.get(id), now.toISOString());
    if (line === null) return;
    this.waiting.push(line);
    this.timer ??= setTimeout(() => this.show(), Math.max(0, this.toldAt + pace - now.getTime()));
  }

  clear() {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.waiting = [];
    this.known = [];
    this.states.clear();
    this.names.clear();
    this.tell();
  }

  /** A source is told of whenever its counts change too; only what it does is worth a line. */
  private isNews(source: Source): boolean {
    this.learn(source.id, source.name);
    const state = `${source.state} ${source.reason ?? ""} ${source.blocked_until ?? ""}`;
    if (this.states.get(source.id) === state) return false;
    this.states.set(source.id, state);
    return true;
  }

  private show() {
    this.timer = null;
    this.toldAt = Date.now();
    const fresh = folded(this.waiting).map((line) => ({ ...line, key: this.nextKey++ }));
    this.waiting = [];
    this.known = [...fresh.reverse(), ...this.known].slice(0, mostLines);
    this.tell();
  }
}

export const rateHistory = new RateHistory();
export const eventLog = new EventLog();

/** Keeps what the Activity view shows, whichever view is looked at; what it returns ends that and forgets it. */
export function followEvents(stream: Pick<EventStream, "listen">, rates = rateHistory, log = eventLog): () => void {
  const unlisten = stream.listen((event) => {
    if (event.name === "counters") rates.add(event.data, Date.now());
    else log.add(event, new Date());
  });
  return () => {
    unlisten();
    rates.clear();
    log.clear();
  };
}
