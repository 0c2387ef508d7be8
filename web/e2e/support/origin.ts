import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { png } from "./png";

const samples = fileURLToPath(new URL("../../../examples/samples", import.meta.url));

const types: Record<string, string> = {
  ".jpg": "image/jpeg",
  ".png": "image/png",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".avif": "image/avif",
  ".svg": "image/svg+xml",
};

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}
type Answer = (path: string) => Reply | Promise<Reply>;

export interface Picture {
  /** Its identity where it is published. */
  id: string;
  title: string;
  /** A path of the origin: "/samples/clouds/moss.webp". */
  path: string;
  description?: string;
  nsfw?: boolean;
}

/**
 * The web that creel sees in a test: the sample pictures at /samples, made ones at /pictures/WIDTHxHEIGHT/NUMBER.png, and
 * what the test puts there, which may change while it runs. Everything else is not found.
 */
export class Origin {
  /** Paths that were asked for, in order. */
  readonly requests: string[] = [];
  private readonly answers = new Map<string, Answer>();
  private readonly gates = new Map<string, Promise<void>>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(): Promise<Origin> {
    const origin = new Origin();
    await new Promise<void>((done) => origin.server.listen(0, "127.0.0.1", done));
    return origin;
  }

  async end(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  /** What the path is answered with from now on. */
  put(path: string, reply: Reply | Answer): string {
    this.answers.set(path, typeof reply === "function" ? reply : () => reply);
    return this.url(path);
  }

  /** Requests for the path wait until the function that this gives is called. */
  hold(path: string): () => void {
    let release = () => {};
    this.gates.set(path, new Promise((done) => (release = done)));
    return () => {
      this.gates.delete(path);
      release();
    };
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    this.requests.push(path);
    await this.gates.get(path);
    const reply = (await this.answers.get(path)?.(request.url ?? "/")) ?? (await this.picture(path));
    response.writeHead(reply.status ?? 200, reply.headers);
    response.end(request.method === "HEAD" ? undefined : reply.body);
  }

  private async picture(path: string): Promise<Reply> {
    const made = /^\/pictures\/(\d+)x(\d+)\/(\d+)\.png$/.exec(path);
    if (made) {
      const [width = 0, height = 0, seed = 0] = made.slice(1).map(Number);
      return { headers: { "Content-Type": "image/png" }, body: png(width, height, seed) };
    }
    if (path.startsWith("/samples/")) {
      const file = join(samples, normalize(path.slice("/samples/".length)));
      const type = types[extname(file)];
      if (type && file.startsWith(samples)) return { headers: { "Content-Type": type }, body: await readFile(file) };
    }
    return { status: 404, headers: { "Content-Type": "text/plain" }, body: "There is nothing here.\n" };
  }

  // What sources read.

  /** An RSS feed with these pictures. */
  putFeed(path: string, pictures: Picture[]): string {
    const items = pictures.map(
      (picture) =>
        `<item><title>${escaped(picture.title)}</title><guid>${picture.id}</guid>` +
        `<link>${this.url(`/pages/${picture.id}`)}</link><description>${escaped(picture.description ?? "")}</description>` +
        `<enclosure url="${this.url(picture.path)}" type="${types[extname(picture.path)] ?? "image/jpeg"}" length="1"/></item>`,
    );
    const body =
      `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Pictures</title>` +
      `<link>${this.url("/")}</link><description>Pictures</description>${items.join("")}</channel></rss>`;
    return this.put(path, { headers: { "Content-Type": "application/rss+xml" }, body });
  }

  /** An API that answers in JSON: `{"photos": [{"key", "caption", "adult", "src"}]}`. */
  putJson(path: string, pictures: Picture[]): string {
    const photos = pictures.map((picture) => ({
      key: picture.id,
      caption: picture.title,
      adult: picture.nsfw ?? false,
      src: this.url(picture.path),
    }));
    return this.put(path, json(200, { photos }));
  }

  /** A tag's gallery as Imgur's API gives it; its `api_url`. */
  putImgurTag(tag: string, pictures: Picture[]): string {
    const items = pictures.map((picture) => ({
      id: picture.id,
      title: picture.title,
      description: picture.description ?? null,
      datetime: 1_700_000_000,
      type: types[extname(picture.path)],
      animated: false,
      width: 640,
      height: 480,
      size: 1000,
      nsfw: picture.nsfw ?? false,
      is_album: false,
      is_ad: false,
      account_url: "ann",
      link: this.url(picture.path),
    }));
    const page = (number: number) => ({ name: tag, total_items: items.length, items: number === 0 ? items : [] });
    for (const number of [0, 1]) {
      this.put(
        `/3/gallery/t/${tag}/time/week/${number}`,
        json(200, { data: page(number), success: true, status: 200 }),
      );
      this.put(`/3/gallery/t/${tag}/time/${number}`, json(200, { data: page(number), success: true, status: 200 }));
    }
    return this.url("");
  }
}

function json(status: number, value: object): Reply {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
