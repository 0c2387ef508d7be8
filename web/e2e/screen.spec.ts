import type { Page } from "@playwright/test";

import { expectAccessible } from "./support/axe";
import { GalleryPage } from "./support/gallery";
import { sampleImages, samples } from "./support/samples";
import { expect, test } from "./support/test";

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

/** How bright a colour is, from 0 to 255. */
function brightness(color: string): number {
  const parts =
    color
      .match(/\d+(\.\d+)?/g)
      ?.slice(0, 3)
      .map(Number) ?? [];
  return parts.reduce((sum, part) => sum + part, 0) / 3;
}

test("light or dark is as the system has it, until one chooses; the choice is kept", async ({ page, visit }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await visit("/");
  await expect.poll(async () => brightness(await background(page))).toBeLessThan(80);
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(async () => brightness(await background(page))).toBeGreaterThan(200);

  await page.getByRole("button", { name: /^Colours/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect.poll(async () => brightness(await background(page))).toBeLessThan(80);
  await page.reload();
  await expect(page.getByRole("button", { name: "Colours: Dark" })).toBeVisible();
  await expect.poll(async () => brightness(await background(page))).toBeLessThan(80);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("no view is wider than the screen", async ({ page, visit, backend, origin }) => {
    const url = origin.putFeed("/feed.xml", [{ id: "1", title: "Waves", path: "/samples/shapes/waves.png" }]);
    await backend.addImages([...sampleImages(origin), { image_url: origin.url(`/${"long".repeat(60)}.jpg`) }]);
    await backend.call("POST", "/sources", {
      name: `a-${"very-".repeat(15)}long-name`,
      type: "feed",
      url,
      start: true,
    });
    await expect.poll(async () => (await backend.images("state=stored")).length).toBe(samples.length + 1);
    const source = (await backend.sources()).find((one) => one.type === "feed");
    const image = (await backend.images("q=dawn"))[0];
    for (const address of [
      "/",
      "/?state=failed",
      `/?image=${image?.id}`,
      "/?view=sources",
      `/?view=sources&source=${source?.id}`,
      `/?view=sources&source=${source?.id}&edit=yes`,
      "/?view=sources&new=source",
      "/?view=sources&new=json",
      "/?view=activity",
      "/?view=add",
    ]) {
      await visit(address);
      await expect(page.getByRole("heading").first()).toBeVisible();
      await expect(page.getByLabel(/^Loading/)).toHaveCount(0);
      const { inner, content } = await page.evaluate(() => ({
        inner: document.documentElement.clientWidth,
        content: document.documentElement.scrollWidth,
      }));
      expect(inner, address).toBe(390);
      expect(content, `${address} is wider than the screen`).toBeLessThanOrEqual(inner);
    }
  });

  test("why a poll failed is read without scrolling sideways", async ({ page, visit, backend, origin }) => {
    origin.put("/closed.xml", { status: 401 });
    await backend.call("POST", "/sources", {
      name: "closed",
      type: "feed",
      url: origin.url("/closed.xml"),
      start: true,
    });
    await expect.poll(async () => (await backend.sources())[0]!.state).toBe("stopped");
    await visit("/?view=sources&source=1");
    const outcome = page.getByRole("cell", { name: /^Credentials refused/ });
    await outcome.scrollIntoViewIfNeeded();
    await expect(outcome).toBeInViewport({ ratio: 1 });
    await expectAccessible(page);
  });

  test("every state can be chosen when there are many", async ({ page, visit, backend, origin }) => {
    await backend.addImages(sampleImages(origin).slice(0, 3));
    await backend.settle();
    const [image] = await backend.images();
    await backend.call("POST", "/images/delete", { ids: [image!.id] });
    await visit("/");
    const gallery = new GalleryPage(page);
    await expect(gallery.state("Deleted")).toHaveText(/1/);
    const states = page.getByRole("group", { name: "State" });
    const { shown, content } = await states.evaluate((group) => ({
      shown: group.clientWidth,
      content: group.scrollWidth,
    }));
    expect(content).toBeLessThanOrEqual(shown);
    await expect(gallery.state("All")).toBeInViewport({ ratio: 1 });
  });

  test("an image without a picture says which it is", async ({ page, visit, backend, origin }) => {
    await backend.addImages([{ image_url: origin.url("/missing.jpg"), title: "Gone away" }]);
    await backend.settle();
    await visit("/?state=failed");
    await expect(new GalleryPage(page).tiles.getByText("Gone away", { exact: true })).toBeInViewport({ ratio: 1 });
  });

  test("views are changed below, images opened by a touch and leafed through by a swipe", async ({
    page,
    visit,
    backend,
    origin,
  }) => {
    await backend.addImages(sampleImages(origin).slice(0, 3));
    await backend.settle();
    await visit("/?sort=found_at");
    const gallery = new GalleryPage(page);
    await gallery.tile(samples[0]!.title).tap();
    await expect(gallery.lightBox).toHaveAccessibleName(samples[0]!.title);
    await gallery.expectShown(gallery.lightBox.getByRole("img", { name: samples[0]!.title }));
    await swipeLeft(page);
    await expect(gallery.lightBox).toHaveAccessibleName(samples[1]!.title);
    await gallery.lightBox.getByRole("button", { name: "Close (Escape)" }).tap();

    const below = page.getByRole("contentinfo").getByRole("link", { name: "Sources" });
    await expect(below).toBeInViewport();
    await below.tap();
    await expect(page.getByRole("heading", { level: 1, name: "Sources" })).toBeVisible();
  });
});

async function swipeLeft(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const y = 300;
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x: 300, y }] });
  for (const x of [250, 180, 100]) {
    await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [{ x, y }] });
  }
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}
