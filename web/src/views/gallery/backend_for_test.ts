import type { Image } from "@/api/client";

import type { StateCounts } from "./empty_kinds";

interface Options {
  params?: { query?: Record<string, unknown>; path?: Record<string, unknown> };
  body?: unknown;
}

/** A call that came in: "GET /images" with its query or body. */
export interface Call {
  what: string;
  query: Record<string, unknown>;
  body: unknown;
}

/** Answers the page's calls as the backend would, from images that a test gives it. */
export class BackendForTest {
  images: Image[] = [];
  scope: "read" | "write" = "write";
  calls: Call[] = [];
  /** What is answered to the next call of this kind in place of an answer. */
  faults = new Map<string, { status: number; detail: string }>();

  readonly api = {
    GET: (path: string, options: Options = {}) => this.answer("GET", path, options),
    POST: (path: string, options: Options = {}) => this.answer("POST", path, options),
    use: () => {},
  };

  asked(what: string): Call[] {
    return this.calls.filter((call) => call.what === what);
  }

  private answer(method: string, path: string, { params = {}, body }: Options) {
    const what = `${method} ${path}`;
    const query = params.query ?? {};
    this.calls.push({ what, query, body });
    const fault = this.faults.get(what);
    this.faults.delete(what);
    if (fault) return Promise.resolve(problem(fault.status, fault.detail));
    const data = this.data(what, query, params.path ?? {}, body);
    return Promise.resolve(data === undefined ? problem(404, "there is no such thing") : good(data));
  }

  private data(what: string, query: Record<string, unknown>, path: Record<string, unknown>, body: unknown): unknown {
    switch (what) {
      case "GET /session":
        return { scope: this.scope, subject: null, expires_at: null };
      case "GET /images":
        return this.page(query);
      case "GET /images/{id}":
        return this.images.find((image) => image.id === path["id"]);
      case "GET /sources":
        return { items: [{ id: 1, name: "Cats" }], next_cursor: null };
      case "GET /statistics":
        return { images: this.counts() };
      case "POST /images/delete":
        return { deleted: this.change(body, "deleted") };
      case "POST /images/retry":
        return { retried: this.change(body, "pending") };
      default:
        return undefined;
    }
  }

  private page(query: Record<string, unknown>) {
    const state = query["state"];
    const all = this.images.filter((image) => (state ? image.state === state : image.state !== "deleted"));
    const start = Number(query["cursor"] ?? 0);
    const end = start + Number(query["limit"]);
    return { items: all.slice(start, end), next_cursor: end < all.length ? String(end) : null };
  }

  private change(body: unknown, state: Image["state"]): number {
    const ids = new Set((body as { ids: number[] }).ids);
    this.images = this.images.map((image) => (ids.has(image.id) ? { ...image, state } : image));
    return ids.size;
  }

  private counts(): StateCounts {
    const counts: StateCounts = { pending: 0, storing: 0, stored: 0, failed: 0, deleted: 0 };
    for (const image of this.images) counts[image.state] += 1;
    return counts;
  }
}

function good(data: unknown) {
  return { data, response: { ok: true, status: 200 } };
}

function problem(status: number, detail: string) {
  return { error: { title: detail, status, detail }, response: { ok: false, status } };
}
