import { writeFile } from "node:fs/promises";

import type { Page } from "@playwright/test";

import type { Backend, NewImage } from "./support/backend";
import type { Origin } from "./support/origin";
import { expect, test } from "./support/test";

// How smooth the page is: the time from one frame to the next, in a gallery of many images and while many come in.
// `scripts/bench page` runs it; nothing is asserted of time.

const images = Number(process.env.CREEL_BENCH_IMAGES ?? 100_000);
const arriving = 500;
const seconds = 20;

const sizes = ["300x200", "200x300", "400x160", "240x240", "320x180"];
const pictures = 100;

test.use({ flags: ["--per-host", "64", "--concurrency", "64"] });
test.setTimeout(1_800_000);

function image(origin: Origin, number: number): NewImage {
  const picture = number % pictures;
  return {
    image_url: origin.url(`/pictures/${sizes[picture % sizes.length]}/${picture}.png?${number}`),
    file_name: `picture-${number}`,
    title: `Picture ${number}`,
  };
}

async function fill(backend: Backend, origin: Origin): Promise<void> {
  for (let begin = 0; begin < images; begin += 5_000) {
    const count = Math.min(5_000, images - begin);
    await backend.addImages(Array.from({ length: count }, (_, index) => image(origin, begin + index)));
    await backend.settle();
  }
}

interface Frames {
  frames: number;
  p50Ms: number;
  p99Ms: number;
  slowestMs: number;
  /** Frames that took more than 50 ms, which a reader notices. */
  slow: number;
  mostTiles: number;
  heapMib: number;
}

/** Takes the time of each frame until `over` says so, which is asked after each. Runs in the page. */
async function frames(how: { scrolls: boolean; seconds: number }): Promise<Frames> {
  const times: number[] = [];
  let mostTiles = 0;
  let rests = 0;
  const nextFrame = () => new Promise<number>((drawn) => requestAnimationFrame(drawn));
  const started = await nextFrame();
  let last = started;
  for (;;) {
    if (how.scrolls) {
      const before = window.scrollY;
      window.scrollBy(0, window.innerHeight / 2);
      mostTiles = Math.max(mostTiles, document.querySelectorAll('[role="gridcell"]').length);
      // At the end of what has been loaded: more comes, or that was all.
      rests = window.scrollY === before ? rests + 1 : 0;
      if (rests > 200) break;
    }
    const now = await nextFrame();
    if (rests === 0) times.push(now - last);
    last = now;
    if (!how.scrolls && now - started > how.seconds * 1000) break;
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const memory = (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory;
  return {
    frames: times.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    slowestMs: at(1),
    slow: times.filter((time) => time > 50).length,
    mostTiles,
    heapMib: (memory?.usedJSHeapSize ?? 0) / 1048576,
  };
}

function say(what: string, result: Frames): void {
  const numbers = Object.entries(result).map(([name, value]) => `${name} ${Math.round(Number(value) * 10) / 10}`);
  console.log(`${what}: ${numbers.join(", ")}`);
}

async function measure(page: Page, how: { scrolls: boolean; seconds: number }): Promise<Frames> {
  return page.evaluate(frames, how);
}

test("frames in a gallery of many images, and while many come in", async ({ backend, origin, page, visit }) => {
  await fill(backend, origin);
  const results: Record<string, Frames> = {};

  await visit("/?sort=found_at");
  await expect(page.getByRole("gridcell").first()).toBeVisible();
  results.scroll = await measure(page, { scrolls: true, seconds });
  say(`scrolling through ${images} images, half a window a frame`, results.scroll);

  for (const view of ["activity", "gallery"]) {
    await visit(view === "gallery" ? "/" : `/?view=${view}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
    let added = 0;
    const feeder = setInterval(() => {
      const begin = images + added + (view === "gallery" ? 1_000_000 : 0);
      added += arriving / 5;
      void backend.addImages(Array.from({ length: arriving / 5 }, (_, index) => image(origin, begin + index)));
    }, 200);
    results[view] = await measure(page, { scrolls: false, seconds });
    clearInterval(feeder);
    say(`${view}, ${arriving} images a second coming in`, results[view]);
  }
  if (process.env.CREEL_BENCH_OUTPUT) await writeFile(process.env.CREEL_BENCH_OUTPUT, JSON.stringify(results, null, 2));
});
