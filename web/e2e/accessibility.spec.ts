import type { Page } from "@playwright/test";

import { expectAccessible } from "./support/axe";
import type { Backend } from "./support/backend";
import { GalleryPage } from "./support/gallery";
import type { Origin } from "./support/origin";
import { sampleImages, samples } from "./support/samples";
import { expect, test } from "./support/test";

/** Images, failures of two kinds, and sources of which one works, one is blocked and one stopped. */
async function fill(backend: Backend, origin: Origin, otherOrigin: Origin): Promise<void> {
  origin.put("/page.jpg", { headers: { "Content-Type": "image/jpeg" }, body: "<html>" });
  otherOrigin.put("/busy.xml", { status: 429, headers: { "Retry-After": "7200" } });
  origin.put("/closed.xml", { status: 401 });
  const feed = origin.putFeed("/feed.xml", [{ id: "1", title: "From a feed", path: "/samples/shapes/waves.png" }]);
  for (const [name, url] of [
    ["well", feed],
    ["busy", otherOrigin.url("/busy.xml")],
    ["closed", origin.url("/closed.xml")],
  ]) {
    await backend.call("POST", "/sources", { name, type: "feed", url, start: true });
  }
  await backend.addImages([
    ...sampleImages(origin).slice(0, 8),
    { image_url: origin.url("/page.jpg"), title: "A page" },
    { image_url: origin.url("/missing.png"), title: "Missing" },
  ]);
  await expect
    .poll(async () => (await backend.sources()).map((source) => source.state).sort())
    .toEqual(["blocked", "idle", "stopped", "stopped"]);
  await backend.settle();
}

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

for (const scheme of ["light", "dark"] as const) {
  test.describe(`axe finds nothing serious, ${scheme}:`, () => {
    test.use({ colorScheme: scheme });

    test("the gallery, its filters, its failures and an image", async ({
      page,
      visit,
      backend,
      origin,
      otherOrigin,
    }) => {
      await fill(backend, origin, otherOrigin);
      const gallery = new GalleryPage(page);
      await visit("/");
      await gallery.expectShown(gallery.picture(samples[0]!.title));
      await expectAccessible(page);

      await gallery.tiles.first().getByRole("checkbox").check({ force: true });
      await expect(gallery.selection).toBeVisible();
      await expectAccessible(page);
      await gallery.selection.getByRole("button", { name: "Delete" }).click();
      await expect(page.getByRole("dialog", { name: "Delete 1 image?" })).toBeVisible();
      await expectAccessible(page);

      await visit("/?state=failed");
      await expect(gallery.tiles).toHaveCount(2);
      await expectAccessible(page);
      await gallery.tile("Missing").click();
      await expect(gallery.lightBox).toBeVisible();
      await expectAccessible(page);

      await visit("/?type=image/jpeg&q=o");
      await page.getByRole("button", { name: /^Filters/ }).click();
      await expect(page.getByRole("dialog", { name: "Filters" })).toBeVisible();
      await expectAccessible(page);

      const [image] = await backend.images("q=dawn");
      await visit(`/?image=${image!.id}`);
      await gallery.expectShown(gallery.lightBox.getByRole("img", { name: samples[0]!.title }));
      await expectAccessible(page);
    });

    test("the sources, one of them, and the forms", async ({ page, visit, backend, origin, otherOrigin, watch }) => {
      watch.expectFailedLoads(/\/sources$/);
      await fill(backend, origin, otherOrigin);
      await visit("/?view=sources");
      await expect(page.getByRole("link", { name: "busy", exact: true })).toBeVisible();
      await expectAccessible(page);
      await page.getByRole("button", { name: "More: busy" }).click();
      await expect(page.getByRole("menuitem", { name: "Delete..." })).toBeVisible();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: "well", exact: true }).click();
      await expect(page.getByRole("heading", { name: "Last polls" })).toBeVisible();
      await expectAccessible(page);

      await visit("/?view=sources&new=source");
      await expect(page.getByRole("heading", { name: "Well known" })).toBeVisible();
      await expectAccessible(page);
      await visit("/?view=sources&new=feed");
      await page.getByRole("button", { name: "Save the source" }).click();
      await expect(page.getByLabel("URL", { exact: false }).first()).toHaveAttribute("aria-invalid", "true");
      await expectAccessible(page);
      await page.getByLabel("URL", { exact: false }).first().fill(origin.url("/feed.xml"));
      await page.getByRole("button", { name: "Try it" }).click();
      await expect(page.getByText(/Found 1 image/)).toBeVisible();
      await expectAccessible(page);
      await visit("/?view=sources&new=json");
      await expect(heading(page, /JSON/)).toBeVisible();
      await page.getByRole("button", { name: "More settings" }).click();
      await expectAccessible(page);
    });

    test("the activity", async ({ page, visit, backend, origin, otherOrigin }) => {
      await fill(backend, origin, otherOrigin);
      await visit("/?view=activity");
      await expect(page.getByRole("button", { name: "Retry all: Not found" })).toBeVisible();
      await backend.addImages([{ image_url: origin.url("/pictures/90x90/5.png"), title: "New" }]);
      await expect(page.getByRole("region", { name: "Last events" }).getByText("New")).toBeVisible();
      await expectAccessible(page);
    });

    test("adding images", async ({ page, visit, origin }) => {
      await visit("/?view=add");
      await expect(heading(page, "Add")).toBeVisible();
      await expectAccessible(page);
      await page
        .getByRole("textbox")
        .first()
        .fill(`${origin.url("/pictures/90x90/5.png")}\n${origin.url("/missing.png")}\nno URL`);
      await expectAccessible(page);
      await page.getByRole("button", { name: /^Add/ }).click();
      await expect(page.getByText("Not found").first()).toBeVisible();
      await expectAccessible(page);
    });

    test("what is empty, and the sign-in", async ({ page, visit, backend, watch, context }) => {
      watch.expectFailedLoads(/\/session$/);
      for (const address of ["/", "/?view=sources", "/?view=activity"]) {
        await visit(address);
        await expect(heading(page, /./)).toBeVisible();
        await expectAccessible(page);
      }
      await page.getByRole("button", { name: /^Colours/ }).click();
      await expect(page.getByRole("menuitemradio", { name: "Dark" })).toBeVisible();
      await expectAccessible(page);

      await context.clearCookies();
      await page.goto(`${backend.url}/#token=not.a.token`);
      await expect(page.getByText("The link does not open the page")).toBeVisible();
      await expectAccessible(page);
    });
  });
}
