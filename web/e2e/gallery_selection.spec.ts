import { GalleryPage } from "./support/gallery";
import type { Origin } from "./support/origin";
import { expect, test } from "./support/test";

const titles = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight"];

test.beforeEach(async ({ backend, origin, visit, page }) => {
  await backend.addImages(numbered(origin));
  await backend.settle();
  await visit("/?sort=found_at");
  await expect(new GalleryPage(page).tiles).toHaveCount(titles.length);
});

function numbered(origin: Origin) {
  return titles.map((title, number) => ({
    image_url: origin.url(`/pictures/${number % 2 ? "300x200" : "200x260"}/${number}.png`),
    title,
  }));
}

test("with the mouse: one by its box, more with Ctrl, a range with Shift, none with Escape", async ({ page }) => {
  const gallery = new GalleryPage(page);
  await gallery.tile("Two").hover();
  await gallery.tile("Two").getByRole("checkbox").click();
  await gallery.tile("Five").click({ modifiers: ["Shift"] });
  expect(await gallery.selectedTitles()).toEqual(["Two", "Three", "Four", "Five"]);
  await gallery.tile("Three").click({ modifiers: ["ControlOrMeta"] });
  await gallery.tile("Eight").click();
  expect(await gallery.selectedTitles()).toEqual(["Two", "Four", "Five", "Eight"]);
  await expect(gallery.selection).toContainText("4 selected");

  await page.keyboard.press("Escape");
  expect(await gallery.selectedTitles()).toEqual([]);
  await expect(gallery.selection).toHaveCount(0);
});

test("a box that the mouse has ticked leaves the keys to the gallery", async ({ page }) => {
  const gallery = new GalleryPage(page);
  await gallery.tile("Two").hover();
  await gallery.tile("Two").getByRole("checkbox").click();
  await expect(gallery.tile("Two")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await expect(gallery.selection).toContainText("8 selected");
  await page.keyboard.press("Escape");
  expect(await gallery.selectedTitles()).toEqual([]);

  await gallery.tile("Three").hover();
  await gallery.tile("Three").getByRole("checkbox").click();
  await page.keyboard.press("Delete");
  await expect(page.getByRole("dialog", { name: "Delete 1 image?" })).toBeVisible();
});

test("with the keyboard: arrows move, Space selects, Shift extends, Delete asks and deletes", async ({
  page,
  backend,
}) => {
  const gallery = new GalleryPage(page);
  await gallery.tile("One").focus();
  await page.keyboard.press("ArrowRight");
  await expect(gallery.tile("Two")).toBeFocused();
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(gallery.tile("Four")).toBeFocused();
  expect(await gallery.selectedTitles()).toEqual(["Two", "Three", "Four"]);
  await page.keyboard.press("Shift+ArrowLeft");
  expect(await gallery.selectedTitles()).toEqual(["Two", "Three"]);

  await page.keyboard.press("Delete");
  const dialog = page.getByRole("dialog", { name: "Delete 2 images?" });
  await expect(dialog.getByRole("button", { name: "Keep" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  expect(await gallery.selectedTitles()).toEqual(["Two", "Three"]);

  await page.keyboard.press("Delete");
  await dialog.getByRole("button", { name: "Delete 2 images" }).press("Enter");
  await expect(gallery.tiles).toHaveCount(titles.length - 2);
  await expect(page.getByText("2 images deleted")).toBeVisible();
  const deleted = await backend.images("state=deleted");
  expect(deleted.map((image) => image.title).sort()).toEqual(["Three", "Two"]);
});

test("everything that is loaded can be selected at once and deleted", async ({ page, backend }) => {
  const gallery = new GalleryPage(page);
  await gallery.tile("One").focus();
  await page.keyboard.press("ControlOrMeta+a");
  await expect(gallery.selection).toContainText("8 selected");
  await gallery.selection.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete 8 images" }).click();

  await expect(page.getByRole("heading", { name: /No images yet|No image/ })).toBeVisible();
  expect(await backend.images("state=stored")).toEqual([]);
  await expect(gallery.state("Deleted")).toHaveText(/8/);
});

test("Enter opens the image that has the keyboard, and Escape leads back to it", async ({ page }) => {
  const gallery = new GalleryPage(page);
  await gallery.tile("One").focus();
  await page.keyboard.press("End");
  const name = await page.evaluate(() => document.activeElement?.querySelector("img")?.alt);
  await page.keyboard.press("Enter");
  await expect(gallery.lightBox).toHaveAccessibleName(name ?? "");
  await page.keyboard.press("Escape");
  await expect(gallery.lightBox).toHaveCount(0);
  await expect(gallery.tile(name ?? "")).toBeFocused();
});
