import type { Image, Source, Statistics } from "@/api/client";
import type { Counters, EventStream, ServerEvent } from "@/api/events";

import {
  type EventLine,
  folded,
  isStateNews,
  isStay,
  lineOf,
  type NewLine,
  pastLineOf,
  type SourceStay,
} from "./event_lines";
import type { RatePoint } from "./series";

/** Milliseconds that the chart looks back. */
export const chartSpan = 5 * 60_000;
const mostLines = 200;
/** Of them, so many tell of what was before the page was opened. */
const mostRecalled = 40;
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

/** What happened within some seconds from `at` on. */
export type Step = Statistics["recent"][number];

/** The rates of the last minutes and the newest totals. */
export class RateHistory extends Watched {
  private known: readonly RatePoint[] = [];
  private newest: Counters | null = null;
  private first: number | null = null;
  private hasRecalled = false;

  points = (): readonly RatePoint[] => this.known;
  counters = (): Counters | null => this.newest;
  /** When the first figures came: of what was before them this page knows nothing. */
  since = (): number | null => this.first;

  add(counters: Counters, at: number) {
    const point = {
      at,
      stored: counters.stored_per_second,
      failed: counters.failed_per_second,
      bytes: counters.bytes_per_second,
    };
    const last = this.known.at(-1);
    const before = last && at - last.at < nearest ? this.known.slice(0, -1) : this.known;
    const all = [...before, point];
    // One point from before the time that is shown stays, so that a gap behind it is seen as one.
    this.known = all.slice(Math.max(0, all.findIndex((one) => one.at >= at - chartSpan) - 1));
    this.newest = counters;
    this.first ??= at;
    this.tell();
  }

  /**
   * Takes in what the backend remembers of the minutes before the first figures came: images of each step of so many
   * seconds. Each second gets a point of its own, as if its counters had come; the last step goes on until those did.
   */
  recall(steps: readonly Step[], now: number) {
    const last = steps.at(-1);
    if (!last || this.hasRecalled) return;
    const begins = (step: Step) => Date.parse(step.at);
    const length = steps.length > 1 ? begins(last) - begins(steps[0]!) : 0;
    const seconds = Math.round(length / Math.max(1, steps.length - 1) / 1000);
    if (seconds < 1) return;
    // By a clock that goes wrong, here or there, the minutes would stand beside those that are shown.
    const late = now - (begins(last) + seconds * 1000);
    const shift = late < 0 || late > 2 * seconds * 1000 ? late : 0;
    const end = this.first ?? now;
    const before = steps.flatMap((step) => {
      const most = step === last ? 3 * seconds : seconds;
      return Array.from({ length: most }, (_, second) => ({
        at: begins(step) + shift + (second + 1) * 1000,
        stored: step.stored / seconds,
        failed: step.failed / seconds,
        bytes: step.bytes / seconds,
      }));
    });
    const unknown = before.filter((point) => point.at < end - nearest);
    if (unknown.length === 0) return;
    this.hasRecalled = true;
    this.known = [...unknown, ...this.known];
    this.first = unknown[0]!.at;
    this.tell();
  }

  clear() {
    this.hasRecalled = false;
    this.known = [];
    this.newest = null;
    this.first = null;
    this.tell();
  }
}

/** The last events as lines, the newest first. */
export class EventLog extends Watched {
  private known: readonly EventLine[] = [];
  private waiting: NewLine[] = [];
  private beganAt = Infinity;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private toldAt = -Infinity;
  private nextKey = 1;
  private hasRecalled = false;
  private readonly names = new Map<number, string>();
  private readonly stays = new Map<number, SourceStay>();

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

  /** From now on events are told. */
  begin(now: number) {
    this.beganAt = now;
  }

  /** Takes in what became of images before events were told. */
  recall(images: readonly Image[]) {
    if (this.hasRecalled) return;
    this.hasRecalled = true;
    const told = new Set([...this.known, ...this.waiting].map((line) => line.image?.id));
    const past = images
      .filter((image) => !told.has(image.id))
      .map(pastLineOf)
      .filter((line) => line !== null)
      .filter((line) => Date.parse(line.at) < this.beganAt)
      .sort((one, other) => Date.parse(other.at) - Date.parse(one.at))
      .slice(0, mostRecalled);
    // Below all that is told of, and so with smaller keys.
    this.known = [...this.known, ...past.map((line, index) => ({ ...line, key: -index }))];
    this.tell();
  }

  clear() {
    this.hasRecalled = false;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.waiting = [];
    this.known = [];
    this.stays.clear();
    this.names.clear();
    this.tell();
  }

  /** A source is told of at each poll, and whenever it is changed; only what becomes of it is worth a line. */
  private isNews(source: Source): boolean {
    this.learn(source.id, source.name);
    if (!isStay(source.state)) return false;
    const before = this.stays.get(source.id);
    this.stays.set(source.id, { state: source.state, reason: source.reason });
    return isStateNews(source, before);
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
  log.begin(Date.now());
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
