import type { Page } from "@playwright/test";

import { GalleryPage } from "./support/gallery";
import { sampleImages } from "./support/samples";
import { expect, test } from "./support/test";

/** Presses Tab until what has the keyboard has this name, as somebody without a mouse does. */
async function tabTo(page: Page, name: string | RegExp, most = 40): Promise<void> {
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    if ((await focused.count()) === 0) continue;
    const text = await focused.evaluate(
      (element) =>
        element.getAttribute("aria-label") ??
        element.querySelector("img")?.alt ??
        (element as HTMLInputElement).labels?.[0]?.textContent ??
        element.textContent ??
        "",
    );
    if (typeof name === "string" ? text.trim() === name : name.test(text.trim())) return;
  }
  throw new Error(`Tab does not lead to ${name} within ${most} steps`);
}

/** It can be seen where the keyboard is. */
async function expectFocusVisible(page: Page): Promise<void> {
  const marked = await page.locator(":focus").evaluate((element) => {
    const look = (one: Element) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
    };
    return look(element) || look(element.parentElement!) || [...element.children].some(look);
  });
  expect(marked, "the focused element is marked").toBe(true);
}

test("without a mouse: from the token to an image, its neighbour, a selection and another view", async ({
  page,
  backend,
  origin,
  watch,
}) => {
  watch.expectFailedLoads(/\/session$/);
  await backend.addImages(sampleImages(origin).slice(0, 4));
  await backend.settle();
  await page.goto(`${backend.url}/?sort=found_at`);
  await expect(page.getByRole("textbox", { name: /token/i })).toBeFocused();
  await page.keyboard.insertText(await backend.token("write"));
  await page.keyboard.press("Enter");
  const gallery = new GalleryPage(page);
  await expect(gallery.tiles).toHaveCount(4);

  await page.keyboard.press("Tab");
  await expect(page.getByText("Skip to the content")).toBeFocused();
  await expectFocusVisible(page);
  await page.keyboard.press("Enter");
  await tabTo(page, "Dawn over the ridge");
  await expectFocusVisible(page);
  await page.keyboard.press("Enter");
  await expect(gallery.lightBox).toHaveAccessibleName("Dawn over the ridge");
  await expect(gallery.lightBox.getByRole("button", { name: "Close (Escape)" })).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(gallery.lightBox).toHaveAccessibleName("Sunflower spiral");
  await page.keyboard.press("Escape");
  await expect(gallery.tile("Sunflower spiral")).toBeFocused();

  await page.keyboard.press("Space");
  await expect(gallery.selection).toContainText("1 selected");
  await tabTo(page, "Select nothing");
  await page.keyboard.press("Enter");
  await expect(gallery.selection).toHaveCount(0);
});

test("without a mouse: a source is tried, saved and stopped", async ({ page, visit, origin }) => {
  const feed = origin.putFeed("/feed.xml", [{ id: "1", title: "Waves", path: "/samples/shapes/waves.png" }]);
  await visit("/");
  await tabTo(page, "Sources");
  await expectFocusVisible(page);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Sources" })).toBeVisible();
  await tabTo(page, "Add a source");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Add a source" })).toBeVisible();
  await tabTo(page, /^Feed/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: /Feed/ })).toBeVisible();
  await tabTo(page, /^URL/);
  await page.keyboard.insertText(feed);
  await tabTo(page, "Try it");
  await expectFocusVisible(page);
  await page.keyboard.press("Enter");
  await expect(page.getByText(/Found 1 image/)).toBeVisible();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press("Shift+Tab");
  await page.getByRole("button", { name: "Save the source" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "127.0.0.1" })).toBeVisible();
  await tabTo(page, "Stop: 127.0.0.1");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Start: 127.0.0.1" })).toBeVisible();
});
