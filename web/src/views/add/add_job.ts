import { ApiError, type FailureKind, type Image } from "@/api/client";
import type { components } from "@/api/schema";
import type { NewImage } from "@/views/add/list_text";

export type AddedImages = components["schemas"]["AddedImages"];

/** Where an image is on its way; `unsent` and `refused` are before it has one. */
export type Fate = "unsent" | "refused" | "waiting" | "storing" | "stored" | "failed" | "deleted";

export interface Entry {
  key: number;
  image: NewImage;
  id: number | null;
  /** False for one that was known before. */
  isNew: boolean;
  fate: Fate;
  why: { kind: FailureKind | null; message: string } | null;
  /** What the backend knows of it, once it has come to an end. */
  stored: Image | null;
}

/** How many of the entries are where. */
export type Totals = Record<Fate | "all" | "known" | "added", number>;

/** What an AddJob asks of the backend. */
export interface AddCalls {
  post(images: NewImage[]): Promise<AddedImages>;
  get(id: number): Promise<Image>;
  retry(id: number): Promise<Image>;
}

const pieceSize = 1_000;
/** Images asked for one by one at a time, of which no event has told. */
const askedAtOnce = 10;
/** Ends that were told of before the answer said which images they are about. */
const mostEarlyEnds = 5_000;

/** Adds images and follows each to its end. It outlives the view that shows it: who looks elsewhere finds it again. */
export class AddJob {
  entries: Entry[] = [];
  isSending = false;
  /** What kept the rest from being sent. */
  error: Error | null = null;

  private readonly byId = new Map<number, Entry[]>();
  private readonly earlyEnds = new Map<number, Image>();
  private readonly watchers = new Set<() => void>();
  private queue: Entry[] = [];
  private isStopped = false;
  private version = 0;
  private nextKey = 1;
  private askedLast = 0;

  constructor(
    private readonly calls: AddCalls,
    /** When those who watch are told: many changes at once are one to them. */
    private readonly soon: (tell: () => void) => void = (tell) => void setTimeout(tell, 100),
  ) {}

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Changes whenever anything has changed. */
  snapshot = (): number => this.version;

  /** Sends these, and goes on with what was left. */
  async send(images: NewImage[]) {
    const entries = images.map((image) => this.newEntry(image));
    this.entries = [...entries, ...this.entries];
    this.queue.push(...entries);
    await this.sendRest();
  }

  /** Sends what has not been sent yet. */
  async sendRest() {
    this.isStopped = false;
    if (this.isSending) return;
    this.isSending = true;
    this.error = null;
    this.changed();
    try {
      while (this.queue.length > 0 && !this.isStopped) await this.sendPiece();
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error));
    }
    this.isSending = false;
    this.earlyEnds.clear();
    this.changed();
  }

  /** No further piece is sent. The one under way is: whether the backend has taken it already nobody could tell. */
  stopSending() {
    this.isStopped = true;
  }

  /** Forgets all of it; the images go their way. */
  clear() {
    this.isStopped = true;
    this.entries = [];
    this.queue = [];
    this.byId.clear();
    this.earlyEnds.clear();
    this.error = null;
    this.changed();
  }

  /** Takes in an event about an image. */
  ended(image: Image) {
    const entries = this.byId.get(image.id);
    if (entries) entries.forEach((entry) => this.follow(entry, image));
    else if (this.isSending && this.earlyEnds.size < mostEarlyEnds) this.earlyEnds.set(image.id, image);
  }

  /** Asks for some images of which nothing has been heard, in turn. */
  async checkUp() {
    const waiting = this.entries.filter(isUnderWay);
    const from = this.askedLast < waiting.length ? this.askedLast : 0;
    const some = waiting.slice(from, from + askedAtOnce);
    this.askedLast = from + some.length;
    await Promise.all(
      some.map(async (entry) => {
        if (entry.id === null) return;
        // One that cannot be asked for now is asked for again in its turn.
        const image = await this.calls.get(entry.id).catch((error: unknown) => error);
        if (isGone(image)) this.become(entry, "deleted");
        else if (!(image instanceof Error)) this.follow(entry, image as Image);
      }),
    );
  }

  async retry(entry: Entry) {
    if (entry.id === null) return;
    this.become(entry, "waiting");
    try {
      this.follow(entry, await this.calls.retry(entry.id));
    } catch (error) {
      // It did not fail any more: somebody else was faster.
      if (error instanceof ApiError && error.status === 409) return;
      entry.why = { kind: entry.why?.kind ?? null, message: error instanceof Error ? error.message : String(error) };
      this.become(entry, "failed");
    }
  }

  /** Tries all again that failed, a few at a time. */
  async retryFailed() {
    const failed = this.entries.filter((entry) => entry.fate === "failed");
    while (failed.length > 0) await Promise.all(failed.splice(0, askedAtOnce).map((entry) => this.retry(entry)));
  }

  totals(): Totals {
    const totals: Totals = {
      all: this.entries.length,
      known: 0,
      added: 0,
      unsent: 0,
      refused: 0,
      waiting: 0,
      storing: 0,
      stored: 0,
      failed: 0,
      deleted: 0,
    };
    for (const entry of this.entries) {
      totals[entry.fate] += 1;
      if (entry.id !== null) totals[entry.isNew ? "added" : "known"] += 1;
    }
    return totals;
  }

  private newEntry(image: NewImage): Entry {
    return { key: this.nextKey++, image, id: null, isNew: false, fate: "unsent", why: null, stored: null };
  }

  private async sendPiece() {
    const piece = this.queue.slice(0, pieceSize);
    let answer: AddedImages;
    try {
      answer = await this.calls.post(piece.map((entry) => entry.image));
    } catch (error) {
      if (!this.refuseNamed(piece, error)) throw error;
      return;
    }
    piece.forEach((entry, place) => this.answered(entry, answer.items[place]));
    const sent = new Set(piece);
    this.queue = this.queue.filter((entry) => !sent.has(entry));
    this.changed();
  }

  /** Takes those out that the backend points at, so that the others can be sent; false if it points at none. */
  private refuseNamed(piece: Entry[], error: unknown): boolean {
    if (!(error instanceof ApiError) || error.status !== 400) return false;
    const refused = new Set<Entry>();
    for (const { pointer, detail } of error.problem?.errors ?? []) {
      const [, place, field] = /^\/images\/(\d+)(?:\/(.*))?$/.exec(pointer) ?? [];
      const entry = place === undefined ? undefined : piece[Number(place)];
      if (!entry) continue;
      refused.add(entry);
      entry.why = { kind: null, message: field ? `${field} ${detail}` : detail };
      this.become(entry, "refused");
    }
    this.queue = this.queue.filter((entry) => !refused.has(entry));
    return refused.size > 0;
  }

  private answered(entry: Entry, item: AddedImages["items"][number] | undefined) {
    if (!item) return;
    entry.isNew = item.added;
    if (item.error || item.id === null) {
      entry.why = item.error ?? { kind: null, message: "The backend did not take it, and does not say why." };
      entry.fate = "refused";
      return;
    }
    entry.id = item.id;
    entry.fate = item.state === null || item.state === "pending" ? "waiting" : item.state;
    this.byId.set(item.id, [...(this.byId.get(item.id) ?? []), entry]);
    const end = this.earlyEnds.get(item.id);
    if (end) this.follow(entry, end);
  }

  private follow(entry: Entry, image: Image) {
    entry.stored = image;
    // One that waits may have failed before, and be tried again.
    const hasFailed = image.failure_kind !== null && image.state !== "stored";
    entry.why = hasFailed ? { kind: image.failure_kind, message: image.failure_message ?? "" } : null;
    this.become(entry, image.state === "pending" ? "waiting" : image.state);
  }

  private become(entry: Entry, fate: Fate) {
    entry.fate = fate;
    this.changed();
  }

  private isToTell = false;

  private changed() {
    if (this.isToTell) return;
    this.isToTell = true;
    this.soon(() => {
      this.isToTell = false;
      this.version += 1;
      for (const watcher of this.watchers) watcher();
    });
  }
}

export function isUnderWay(entry: Entry): boolean {
  return entry.fate === "waiting" || entry.fate === "storing";
}

function isGone(answer: unknown): boolean {
  return answer instanceof ApiError && answer.status === 404;
}
