import type { Page } from "@playwright/test";

import { GalleryPage } from "./support/gallery";
import { sampleImages, samples } from "./support/samples";
import { expect, test } from "./support/test";

/** One of the numbers at the top: its name, the number and what is said about it. */
const figure = (page: Page, name: string) =>
  page.locator("dl > *").filter({ has: page.locator("dt").getByText(name, { exact: true }) });

test("before anything has happened it says what to do", async ({ page, visit }) => {
  await visit("/?view=activity");
  await expect(page.getByRole("heading", { name: "Nothing has happened yet" })).toBeVisible();
  await page.getByRole("link", { name: "Add a source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Add a source" })).toBeVisible();
});

test("numbers, charts and the last events move while images come in", async ({ page, visit, backend, origin }) => {
  const release = origin.hold("/samples/landscapes/dawn.jpg");
  await visit("/?view=activity");
  await expect(page.getByRole("heading", { level: 1, name: "Activity" })).toBeVisible();
  await expect(page.getByRole("img", { name: "Live" })).toBeVisible();
  await backend.addImages(sampleImages(origin));

  await expect(figure(page, "Stored")).toContainText(String(samples.length - 1));
  await expect(figure(page, "In flight")).toContainText("1");
  await expect(figure(page, "Queue")).toContainText("1");
  release();
  await expect(figure(page, "Stored")).toContainText(String(samples.length));
  await expect(figure(page, "In flight")).toContainText("0");

  const chart = page.getByRole("figure", { name: "Images per second" });
  await expect(chart.locator("svg path").first()).toBeAttached();
  await expect(chart).toContainText(/stored.*most [1-9]/);
  await expect(page.getByRole("figure", { name: "Bytes per second" })).toContainText(/most [\d.]+ (KB|MB)/);

  const events = page.getByRole("region", { name: "Last events" });
  await events.getByRole("link", { name: "Dawn over the ridge" }).click();
  await expect(new GalleryPage(page).lightBox).toHaveAccessibleName("Dawn over the ridge");
});

test("the last events can be held still", async ({ page, visit, backend, origin }) => {
  await visit("/?view=activity");
  const events = page.getByRole("region", { name: "Last events" });
  await events.getByRole("button", { name: "Pause" }).click();
  await backend.addImages([{ image_url: origin.url("/pictures/100x80/1.png"), title: "While it was held" }]);
  await expect(events).toContainText("1 new line held back");
  await expect(events.getByText("While it was held")).toHaveCount(0);
  await events.getByRole("button", { name: "Go on" }).click();
  await expect(events.getByText("While it was held")).toBeVisible();
});

test("failures stand there by kind, lead to their images, and are tried again all at once", async ({
  page,
  visit,
  backend,
  origin,
}) => {
  origin.put("/page.jpg", { headers: { "Content-Type": "image/jpeg" }, body: "<html>" });
  await backend.addImages([
    { image_url: origin.url("/a.png"), title: "A" },
    { image_url: origin.url("/b.png"), title: "B" },
    { image_url: origin.url("/page.jpg"), title: "Page" },
  ]);
  await backend.settle();
  await visit("/?view=activity");
  const failures = page.getByRole("region", { name: "Failures" });
  const missing = failures.getByRole("listitem").filter({ hasText: "Not found" });
  await expect(missing).toContainText("2 images");
  await expect(failures.getByRole("listitem").filter({ hasText: "Not an image" })).toContainText("1 image");

  await missing.getByRole("link", { name: "2 images" }).click();
  const gallery = new GalleryPage(page);
  await expect(gallery.tiles).toHaveCount(2);
  await expect(gallery.tile("A")).toBeVisible();
  await page.goBack();

  for (const path of ["/a.png", "/b.png"]) {
    const body = Buffer.from(
      await (await fetch(origin.url(`/pictures/90x60/${path.charCodeAt(1)}.png`))).arrayBuffer(),
    );
    origin.put(path, { headers: { "Content-Type": "image/png" }, body });
  }
  await failures.getByRole("button", { name: "Retry all: Not found" }).click();
  await expect(page.getByText("2 images are tried again")).toBeVisible();
  await expect(missing).toHaveCount(0);
  await expect(figure(page, "Stored")).toContainText("2");
  expect((await backend.images("state=failed")).map((image) => image.title)).toEqual(["Page"]);
});

test("who may only read sees failures and cannot try them again", async ({ page, visit, backend, origin }) => {
  await backend.addImages([{ image_url: origin.url("/a.png") }]);
  await backend.settle();
  await visit("/?view=activity", "read");
  await expect(page.getByRole("region", { name: "Failures" })).toContainText("Not found");
  await expect(page.getByRole("button", { name: /Retry/ })).toHaveCount(0);
});

test("a view that is first looked at while the connection is lost comes when it is back", async ({
  page,
  visit,
  backend,
  watch,
}) => {
  watch.expectFailedLoads(new RegExp(`^${backend.url}`));
  await visit("/");
  await expect(page.getByRole("img", { name: "Live" })).toBeVisible();
  await backend.stop();
  await expect(page.getByText("Connection lost - trying again")).toBeVisible();
  const views = page.getByRole("navigation", { name: "Views" });
  await views.getByRole("link", { name: "Activity" }).click();
  await expect(page.getByRole("heading", { name: "This part of the page did not load" })).toBeVisible();
  await backend.startAgain();
  await expect(page.getByRole("heading", { level: 1, name: "Activity" })).toBeVisible({ timeout: 30_000 });
  // React tells of what did not come.
  const troubles = watch.troubles.splice(0);
  expect(troubles.filter((trouble) => !trouble.startsWith("console error: PageNotLoaded"))).toEqual([]);
});

test("a lost connection is told of, and comes back by itself with what happened meanwhile", async ({
  page,
  visit,
  backend,
  origin,
  watch,
}) => {
  watch.expectFailedLoads(new RegExp(`^${backend.url}`));
  await backend.addImages([{ image_url: origin.url("/pictures/100x80/1.png"), title: "Before" }]);
  await backend.settle();
  await visit("/?view=activity");
  await expect(page.getByRole("img", { name: "Live" })).toBeVisible();
  await expect(figure(page, "Stored")).toContainText("1");

  await backend.stop();
  await expect(page.getByText("Connection lost - trying again")).toBeVisible();
  await expect(page.getByRole("img", { name: "No connection" })).toBeVisible();

  await backend.startAgain();
  await expect(page.getByText("Connection lost - trying again")).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByRole("img", { name: "Live" })).toBeVisible();
  await backend.addImages([{ image_url: origin.url("/pictures/100x80/2.png"), title: "After" }]);
  await expect(figure(page, "Stored")).toContainText("2");
  await expect(page.getByRole("region", { name: "Last events" }).getByText("After")).toBeVisible();
});
