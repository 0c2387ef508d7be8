import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";

import type { Page } from "@playwright/test";

import { standsStill } from "./support/axe";
import { GalleryPage } from "./support/gallery";
import type { NewImage } from "./support/backend";
import type { Origin, Picture } from "./support/origin";
import { sampleImages, samples } from "./support/samples";
import { expect, test } from "./support/test";

test.use({ colorScheme: "light", flags: ["--per-host", "4"] });

async function keep(page: Page, name: string): Promise<void> {
  // Where the mouse was last, something may be lit up.
  await page.mouse.move(0, 0);
  await standsStill(page);
  const pictures = page.locator("img:visible");
  await expect
    .poll(() => pictures.evaluateAll((all) => (all as HTMLImageElement[]).every((one) => one.complete)))
    .toBe(true);
  await page.screenshot({ path: fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url)) });
}

function picturesOf(by: string): Picture[] {
  return samples
    .filter((sample) => sample.by === by)
    .map(({ path, title }) => ({ id: basename(path, extname(path)), title, path: `/samples/${path}` }));
}

/** Feeds and an API of four people, one of whom asks to be left alone for a while. */
function sources(origin: Origin, otherOrigin: Origin): object[] {
  otherOrigin.put("/mosaics.xml", { status: 429, headers: { "Retry-After": "3600" } });
  const feed = (name: string, path: string, by: string) => ({
    name,
    type: "feed",
    url: origin.putFeed(path, picturesOf(by)),
    interval: "15m",
    start: true,
  });
  return [
    feed("reef diary", "/reef.xml", "Ann Lindqvist"),
    feed("mountain weather", "/mountains.xml", "Jonas Keller"),
    {
      name: "patterns",
      type: "json",
      url: origin.putJson("/api/photos", picturesOf("Tomoko Abe")),
      settings: { program: ".photos[] | {image_id: .key, image_url: .src, title: .caption}" },
      interval: "1h",
      start: true,
    },
    feed("clouds and fire", "/clouds.xml", "Priya Raman"),
    { name: "mosaics", type: "feed", url: otherOrigin.url("/mosaics.xml"), interval: "30m", start: true },
  ];
}

test("the gallery and an image in it", async ({ page, visit, backend, origin, otherOrigin }) => {
  for (const source of sources(origin, otherOrigin)) await backend.call("POST", "/sources", source);
  await expect.poll(async () => (await backend.images("state=stored")).length).toBe(samples.length);
  await backend.settle();
  await visit("/?sort=found_at");
  const gallery = new GalleryPage(page);
  await expect(gallery.tiles).toHaveCount(samples.length);
  for (const title of await gallery.titles()) await gallery.expectShown(gallery.picture(title));
  await page.evaluate(() => window.scrollTo(0, 0));
  await keep(page, "gallery");

  await gallery.tile("Nebula in violet").click();
  await gallery.expectShown(gallery.lightBox.getByRole("img", { name: "Nebula in violet" }));
  await keep(page, "lightbox");
});

test("the sources", async ({ page, visit, backend, origin, otherOrigin }) => {
  for (const source of sources(origin, otherOrigin)) await backend.call("POST", "/sources", source);
  await backend.call("POST", "/images", { images: sampleImages(origin).slice(0, 3) });
  await expect.poll(async () => (await backend.images("state=stored")).length).toBe(samples.length + 3);
  await visit("/?view=sources");
  await expect(page.getByRole("cell", { name: "blocked" })).toBeVisible();
  await keep(page, "sources");
});

test("the activity, while images come in", async ({ page, visit, backend, origin }) => {
  test.setTimeout(180_000);
  await visit("/?view=activity");
  // More and less at a time, so that the charts have something to show.
  let sent = 0;
  for (let step = 0; step < 200; step += 1) {
    const some = Math.round(6 + 4 * Math.sin(step / 12) + 2 * Math.sin(step / 3));
    const images: NewImage[] = Array.from({ length: some }, () => {
      const sample = samples[sent % samples.length]!;
      sent += 1;
      return { image_url: origin.url(`/samples/${sample.path}?n=${sent}`), title: sample.title };
    });
    if (step % 20 === 5) images.push({ image_url: origin.url(`/lost/${step}.jpg`), title: "Lost" });
    await backend.addImages(images);
    await page.waitForTimeout(500);
  }
  await keep(page, "activity");
});
