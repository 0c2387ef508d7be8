import type { Page } from "@playwright/test";

import { GalleryPage } from "./support/gallery";
import { hostileSvg, sampleImages } from "./support/samples";
import { expect, test } from "./support/test";

test.describe("of stored images", () => {
  test.beforeEach(async ({ backend, origin }) => {
    const [dawn, sunflower, reef] = sampleImages(origin).map((image) => ({ ...image, meta: { licence: "CC0 1.0" } }));
    await backend.addImages([dawn!, sunflower!, reef!]);
    await backend.settle();
  });

  test("a click opens an image, and buttons and arrows lead to its neighbours", async ({ page, visit }) => {
    await visit("/?sort=found_at");
    const gallery = new GalleryPage(page);
    await gallery.tile("Dawn over the ridge").click();
    await expect(gallery.lightBox).toHaveAccessibleName("Dawn over the ridge");
    await gallery.expectShown(gallery.lightBox.getByRole("img", { name: "Dawn over the ridge" }));
    await expect(gallery.lightBox).toContainText("1 of 3");
    await expect(gallery.lightBox.getByRole("button", { name: "Previous image" })).toHaveCount(0);

    await gallery.lightBox.getByRole("button", { name: "Next image" }).click();
    await expect(gallery.lightBox).toHaveAccessibleName("Sunflower spiral");
    await page.keyboard.press("ArrowRight");
    await expect(gallery.lightBox).toHaveAccessibleName("The reef at noon");
    await expect(gallery.lightBox.getByRole("button", { name: "Next image" })).toHaveCount(0);
    await page.keyboard.press("ArrowLeft");
    await expect(gallery.lightBox).toHaveAccessibleName("Sunflower spiral");

    await page.goBack();
    await expect(gallery.lightBox).toHaveCount(0);
    await expect(gallery.tiles).toHaveCount(3);
  });

  test("it shows all that is known, with links to origin, page, source and object", async ({
    page,
    visit,
    origin,
    backend,
  }) => {
    await visit("/");
    const gallery = new GalleryPage(page);
    await gallery.tile("Dawn over the ridge").click();
    const details = gallery.lightBox.getByRole("complementary", { name: "Details" });
    const image = (await backend.images("q=dawn"))[0]!;
    await expect(details).toContainText(image.sha256 ?? "no hash");
    await expect(details).toContainText(`${image.width} × ${image.height}`);
    await expect(details).toContainText(image.key ?? "no key");
    await expect(details).toContainText("CC0 1.0");

    const dawn = origin.url("/samples/landscapes/dawn.jpg");
    for (const [name, href] of [
      [dawn, dawn],
      ["Its page", "https://example.org/pictures/landscapes/dawn.jpg"],
      ["Ann Lindqvist", "https://example.org/people"],
    ] as const) {
      const link = details.getByRole("link", { name, exact: true });
      await expect(link).toHaveAttribute("href", href);
      await expect(link).toHaveAttribute("rel", "noopener noreferrer");
      await expect(link).toHaveAttribute("target", "_blank");
    }
    const download = page.waitForEvent("download");
    await details.getByRole("link", { name: "Download" }).click();
    expect((await download).suggestedFilename()).toMatch(/\.jpg$/);

    await details.getByRole("link", { name: image.source }).click();
    await expect(page.getByRole("heading", { level: 1, name: image.source })).toBeVisible();
  });

  test("it zooms by button, key and wheel, and fits the window again", async ({ page, visit }) => {
    await visit("/");
    const gallery = new GalleryPage(page);
    await gallery.tile("The reef at noon").click();
    const picture = gallery.lightBox.getByRole("img", { name: "The reef at noon" });
    await gallery.expectShown(picture);
    const width = async () => Math.round((await picture.boundingBox())?.width ?? 0);
    const fitting = await width();

    await gallery.lightBox.getByRole("button", { name: "Zoom in (+)" }).click();
    await expect.poll(width).toBeGreaterThan(fitting * 1.2);
    await page.keyboard.press("0");
    await expect.poll(width).toBe(fitting);
    await page.keyboard.press("+");
    await expect.poll(width).toBeGreaterThan(fitting * 1.2);
    await page.keyboard.press("0");
    await expect.poll(width).toBe(fitting);
    const box = await picture.boundingBox();
    await page.mouse.move(box!.x + box!.width / 2, box!.y + box!.height / 2);
    await page.mouse.wheel(0, -300);
    await expect.poll(width).toBeGreaterThan(fitting * 1.05);
  });

  test("a link to an image opens it for whoever may look", async ({ page, visit, backend }) => {
    const image = (await backend.images("q=reef"))[0]!;
    await visit(`/?image=${image.id}`, "read");
    const gallery = new GalleryPage(page);
    await expect(gallery.lightBox).toHaveAccessibleName("The reef at noon");
    await page.keyboard.press("Escape");
    await expect(gallery.tiles).toHaveCount(3);
    expect(new URL(page.url()).search).toBe("");
  });

  test("an image can be deleted there, and the next one follows", async ({ page, visit, backend }) => {
    await visit("/?sort=found_at");
    const gallery = new GalleryPage(page);
    await gallery.tile("Dawn over the ridge").click();
    await gallery.lightBox.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete 1 image" }).click();
    await expect(gallery.lightBox).toHaveAccessibleName("Sunflower spiral");
    expect((await backend.images("state=deleted")).map((image) => image.title)).toEqual(["Dawn over the ridge"]);
  });
});

test("who has leafed far sees the image in the list when it is closed", async ({ page, visit, backend, origin }) => {
  const images = Array.from({ length: 60 }, (_, number) => ({
    image_url: origin.url(`/pictures/300x240/${number}.png`),
    title: `Number ${number}`,
  }));
  await backend.addImages(images);
  await backend.settle();
  await visit("/?sort=found_at");
  const gallery = new GalleryPage(page);
  await gallery.tile("Number 0").click();
  await expect(gallery.lightBox).toHaveAccessibleName("Number 0");
  for (let step = 1; step <= 45; step += 1) {
    await page.keyboard.press("ArrowRight");
    await expect(gallery.lightBox).toHaveAccessibleName(`Number ${step}`);
  }
  await page.keyboard.press("Escape");
  await expect(gallery.lightBox).toHaveCount(0);
  await expect(gallery.tile("Number 45")).toBeFocused();
  await expect(gallery.tile("Number 45")).toBeInViewport({ ratio: 1 });
  // Nothing puts the page back afterwards.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(gallery.tile("Number 45")).toBeInViewport({ ratio: 1 });

  // From another view one comes back to the same place.
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Sources" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sources" })).toBeVisible();
  await page.goBack();
  await expect(gallery.tile("Number 45")).toBeInViewport({ ratio: 1 });
});

test("of a failed image it shows the reason and what can be done, and tries it again", async ({
  page,
  visit,
  backend,
  origin,
}) => {
  await backend.addImages([{ image_url: origin.url("/missing.jpg"), title: "Missing" }]);
  await backend.settle();
  await visit("/?state=failed");
  const gallery = new GalleryPage(page);
  await gallery.tile("Missing").click();
  await expect(gallery.lightBox).toContainText("404");
  await expect(gallery.lightBox).toContainText("The image is gone, or never was there.");

  const body = Buffer.from(await (await fetch(origin.url("/pictures/320x200/1.png"))).arrayBuffer());
  origin.put("/missing.jpg", { headers: { "Content-Type": "image/png" }, body });
  await gallery.lightBox.getByRole("button", { name: "Retry" }).click();
  await gallery.expectShown(gallery.lightBox.getByRole("img", { name: "Missing" }));
});

test.describe("an SVG with scripts in it", () => {
  test.beforeEach(async ({ backend, origin }) => {
    origin.put("/stranger.svg", { headers: { "Content-Type": "image/svg+xml" }, body: hostileSvg });
    await backend.addImages([{ image_url: origin.url("/stranger.svg"), title: "Stranger" }]);
    await backend.settle();
  });

  const hasRun = (page: Page) =>
    page.evaluate(() => "strangerRan" in window || document.documentElement.hasAttribute("data-ran"));

  test("is shown as a picture and runs nothing", async ({ page, visit }) => {
    await visit("/");
    const gallery = new GalleryPage(page);
    await gallery.expectShown(gallery.picture("Stranger"));
    await gallery.tile("Stranger").click();
    const picture = gallery.lightBox.getByRole("img", { name: "Stranger" });
    await gallery.expectShown(picture);
    await picture.click({ force: true });
    expect(await hasRun(page)).toBe(false);
    // Nowhere is it part of the page itself.
    expect(await page.locator("script:not([src]), object, embed, iframe").count()).toBe(0);
  });

  test("runs nothing when its content is opened by itself", async ({ page, visit, backend, watch }) => {
    await visit("/");
    const [image] = await backend.images("q=stranger");
    const answers: string[] = [];
    page.on("response", (response) => answers.push(new URL(response.url()).pathname));
    await page.goto(`${backend.url}/images/${image!.id}/content`);
    await expect(page.locator("svg")).toBeVisible();
    await expect.poll(() => watch.troubles.splice(0).join("\n")).toMatch(/script|policy/i);
    watch.troubles.splice(0);

    expect(await hasRun(page)).toBe(false);
    expect(answers).toEqual([`/images/${image!.id}/content`]);
  });
});
