import { GalleryPage } from "./support/gallery";
import type { NewImage } from "./support/backend";
import type { Origin } from "./support/origin";
import { expect, test } from "./support/test";

const images = 2000;
/** A window shows some twenty; a few rows more are drawn ahead. */
const mostTiles = 150;

const sizes = ["300x200", "200x300", "400x160", "240x240", "320x180"];

function many(origin: Origin): NewImage[] {
  return Array.from({ length: images }, (_, number) => ({
    image_url: origin.url(`/pictures/${sizes[number % sizes.length]}/${number}.png`),
    title: `Picture ${number}`,
  }));
}

/** Scrolls down, frame by frame, until so many images have been seen; gives how many there were at a time, at most. */
async function scrollThrough(images: number): Promise<{ seen: number; most: number }> {
  const seen = new Set<string>();
  let most = 0;
  while (seen.size < images) {
    const tiles = [...document.querySelectorAll('[role="gridcell"]')];
    most = Math.max(most, tiles.length);
    for (const tile of tiles) seen.add(tile.querySelector("img")?.alt ?? "");
    seen.delete("");
    window.scrollBy(0, window.innerHeight / 2);
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
  return { seen: seen.size, most };
}

test("2,000 images load as one scrolls, and only those in sight are in the document", async ({
  backend,
  origin,
  page,
  visit,
}) => {
  test.setTimeout(120_000);
  await backend.addImages(many(origin));
  await backend.settle();
  const stored = await backend.call<{ images: { stored: number } }>("GET", "/statistics");
  expect(stored.images.stored).toBe(images);

  const lists: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/images") lists.push(request.url());
  });
  await visit("/?sort=found_at");
  const gallery = new GalleryPage(page);
  await gallery.expectShown(gallery.picture("Picture 0"));
  expect(lists.length, "pages that are loaded before one scrolls").toBeLessThan(5);

  const { seen, most } = await page.evaluate(scrollThrough, images);
  expect(seen).toBe(images);
  expect(most).toBeLessThan(mostTiles);
  await gallery.expectShown(gallery.picture(`Picture ${images - 1}`));

  // Where one was is kept for the way back from an image.
  const position = await page.evaluate(() => window.scrollY);
  await gallery.tile(`Picture ${images - 1}`).click();
  await expect(gallery.lightBox).toContainText(
    `${images.toLocaleString("en-US")} of ${images.toLocaleString("en-US")}`,
  );
  await page.goBack();
  await expect(gallery.lightBox).toHaveCount(0);
  await expect.poll(() => page.evaluate((was) => Math.abs(window.scrollY - was), position)).toBeLessThan(300);

  await page.keyboard.press("Control+Home");
  await expect(gallery.tile("Picture 0")).toBeFocused();
  expect(await gallery.countTiles()).toBeLessThan(mostTiles);
});
