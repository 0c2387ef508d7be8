import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { components } from "../../src/api/schema";

type Schemas = components["schemas"];
export type Image = Schemas["Image"];
export type NewImage = Schemas["NewImage"];
export type Source = Schemas["Source"];
export type Scope = "read" | "write";

const binary = process.env.CREEL_BINARY ?? fileURLToPath(new URL("../../../build/release/creel", import.meta.url));

// The program sees these variables and no others: no proxy, profile or credentials of whoever runs the tests.
const environment = { PATH: process.env.PATH ?? "", LANG: "C.UTF-8", AWS_EC2_METADATA_DISABLED: "true" };

const usualFlags = ["--allow-private-network", "--sources-shortest-interval", "1s", "--retries", "0"];

const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((process) => process.kill("SIGKILL")));

/** A `creel serve` over a folder of its own. */
export class Backend {
  /** Where the page is: "http://127.0.0.1:40961". */
  url = "";
  log = "";
  private process: ChildProcess | null = null;
  private writeToken = "";

  private constructor(
    private readonly folder: string,
    private readonly flags: string[],
  ) {}

  static async start(...flags: string[]): Promise<Backend> {
    const backend = new Backend(await mkdtemp(join(tmpdir(), "creel-page-")), [...usualFlags, ...flags]);
    try {
      await backend.listen("127.0.0.1:0");
      backend.writeToken = await backend.token("write");
    } catch (error) {
      await backend.end();
      throw error;
    }
    return backend;
  }

  get data(): string {
    return join(this.folder, "data");
  }

  /** Ends it; what it has stays, and so does its port for `startAgain`. */
  async stop(): Promise<void> {
    const process = this.process;
    if (!process) return;
    this.process = null;
    const ended = once(process, "exit");
    process.kill("SIGKILL");
    await ended;
    running.delete(process);
  }

  async startAgain(): Promise<void> {
    await this.listen(this.url.replace("http://", ""));
  }

  /** Ends it and takes its folder away. */
  async end(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async token(scope: Scope): Promise<string> {
    const arguments_ = ["token", "--data", this.data, "--scope", scope, "--ttl", "1d"];
    const { stdout } = await promisify(execFile)(binary, arguments_, { env: environment, cwd: this.folder });
    return stdout.trim();
  }

  /** A token whose time is over, rightly signed. */
  async expiredToken(): Promise<string> {
    const secret = (await readFile(join(this.data, "secret"), "utf8")).trim();
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ scope: "write", iat: 1_700_000_000, exp: 1_700_003_600 })}`;
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  }

  /** Asks the API with a token that may write; the answer's JSON. Throws on a refusal. */
  async call<Answer = unknown>(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${this.writeToken}`, "Content-Type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? null : JSON.parse(text)) as Answer;
  }

  /** The images of a filter, `state=stored` for one, as many as fit on a page of the API. */
  async images(filter = ""): Promise<Image[]> {
    return (await this.call<{ items: Image[] }>("GET", `/images?limit=200&${filter}`)).items;
  }

  async sources(): Promise<Source[]> {
    return (await this.call<{ items: Source[] }>("GET", "/sources")).items;
  }

  async addImages(images: NewImage[]): Promise<void> {
    for (let begin = 0; begin < images.length; begin += 1000) {
      await this.call("POST", "/images", { images: images.slice(begin, begin + 1000) });
    }
  }

  /** Takes an image's object out of the store behind creel's back. */
  async removeObject(image: Image): Promise<void> {
    await rm(join(this.data, "images", image.key ?? ""));
  }

  /** Waits until no image is on its way any more. */
  async settle(): Promise<void> {
    const end = Date.now() + 60_000;
    for (;;) {
      const waiting = [...(await this.images("state=pending")), ...(await this.images("state=storing"))];
      if (waiting.length === 0) return;
      if (Date.now() > end) throw new Error(`${waiting.length} images or more are still on their way\n${this.log}`);
    }
  }

  private async listen(address: string): Promise<void> {
    const process = spawn(binary, ["serve", "--data", this.data, "--listen", address, ...this.flags], {
      cwd: this.folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = process;
    running.add(process);
    process.stderr.on("data", (text) => (this.log += text));
    this.url = await new Promise<string>((resolve, reject) => {
      let printed = "";
      process.stdout.on("data", (text) => {
        printed += text;
        const found = /creel serves at (http:\/\/\S+)\n/.exec(printed);
        if (found?.[1]) resolve(found[1]);
      });
      process.on("error", reject);
      process.on("exit", (code) => reject(new Error(`creel serve ended, code ${code}\n${this.log}`)));
    });
  }
}
