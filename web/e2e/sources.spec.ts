import type { Locator, Page } from "@playwright/test";

import { GalleryPage } from "./support/gallery";
import type { Source } from "./support/backend";
import { expect, test } from "./support/test";

const pictures = [
  { id: "dawn", title: "Dawn over the ridge", path: "/samples/landscapes/dawn.jpg" },
  { id: "reef", title: "The reef at noon", path: "/samples/aquarium/reef.jpg" },
  { id: "waves", title: "Waves", path: "/samples/shapes/waves.png" },
];

const row = (page: Page, name: string) =>
  page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });

/** A thumbnail of the trial has come. */
async function expectThumbnail(picture: Locator): Promise<void> {
  await picture.scrollIntoViewIfNeeded();
  await expect.poll(() => picture.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
}

async function chooseKind(page: Page, name: RegExp): Promise<void> {
  await page.getByRole("button", { name: "Add a source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Add a source" })).toBeVisible();
  await page.getByRole("main").getByRole("link", { name }).click();
}

test("from nothing to pictures: a feed is tried, saved, and its pictures arrive", async ({
  page,
  visit,
  origin,
  backend,
}) => {
  const feed = origin.putFeed("/feed.xml", pictures);
  await visit("/?view=sources");
  await expect(page.getByRole("heading", { name: "No sources yet" })).toBeVisible();
  await chooseKind(page, /feed/i);

  await page.getByLabel("URL", { exact: false }).first().fill(feed);
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText(/Found 3 images/)).toBeVisible();
  for (const { title } of pictures) await expectThumbnail(page.getByRole("img", { name: title }));
  expect(await backend.sources(), "trying saves nothing").toEqual([]);
  expect(await backend.images()).toEqual([]);

  await page.getByLabel("Name").fill("Ridge and reef");
  await page.getByRole("button", { name: "Save the source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Ridge and reef" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Last polls" })).toBeVisible();
  await expect(page.getByRole("cell", { name: "ok", exact: true })).toBeVisible();

  await page.getByRole("link", { name: "All sources" }).click();
  const counts = row(page, "Ridge and reef").getByRole("link", { name: "3 images stored, show them" });
  await expect(counts).toBeVisible();
  await expect(
    row(page, "Ridge and reef").getByRole("img", { name: /3 images stored in the last 24 hours/ }),
  ).toBeVisible();
  await counts.click();
  const gallery = new GalleryPage(page);
  await expect(gallery.tiles).toHaveCount(3);
  for (const { title } of pictures) await gallery.expectShown(gallery.picture(title));
});

test("a name is suggested, and taken where none is typed", async ({ page, visit, origin, backend }) => {
  const feed = origin.putFeed("/feed.xml", pictures);
  await visit("/?view=sources&new=feed");
  await page.getByLabel("URL", { exact: false }).first().fill(feed);
  await page.getByRole("checkbox", { name: "Start at once" }).uncheck();
  await page.getByRole("button", { name: "Save the source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "127.0.0.1" })).toBeVisible();
  expect(await backend.sources()).toMatchObject([{ name: "127.0.0.1", state: "stopped", last_poll: null }]);
});

test("an Imgur tag by its preset's form; the Client-ID is kept and never shown", async ({
  page,
  visit,
  origin,
  backend,
}) => {
  const api = origin.putImgurTag("lighthouse", [
    ...pictures,
    { id: "shy", title: "Not for work", path: "/samples/shapes/rosette.png", nsfw: true },
  ]);
  await visit("/?view=sources");
  await chooseKind(page, /imgur/i);
  await page.getByRole("textbox", { name: "Tag" }).fill("lighthouse");
  await page.getByLabel("Client ID").fill("my-client-id");
  await page.getByRole("button", { name: "More settings" }).click();
  await page.getByRole("textbox", { name: "API URL" }).fill(api);
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText(/Found 4 images/)).toBeVisible();
  await expectThumbnail(page.getByRole("img", { name: "Waves" }));

  // What is not safe for work is not shown unasked.
  await expect(page.getByRole("img", { name: "Not for work" })).toHaveCount(0);
  await page.getByRole("button", { name: "Marked NSFW: show" }).click();
  await expectThumbnail(page.getByRole("img", { name: "Not for work" }));

  await page.getByRole("button", { name: "Save the source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "lighthouse" })).toBeVisible();
  await expect(page.getByText("is set; it is never shown")).toBeVisible();
  await expect.poll(async () => (await backend.images("state=stored")).length).toBe(4);
  expect(await page.content()).not.toContain("my-client-id");
});

test("a JSON API by a jq program; what it finds nothing in shows the answer's shape", async ({
  page,
  visit,
  origin,
}) => {
  const api = origin.putJson("/api/photos", pictures);
  await visit("/?view=sources&new=json");
  await page.getByLabel("URL", { exact: false }).first().fill(api);
  await page.getByRole("textbox", { name: "Program", exact: false }).first().fill("empty");
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText("Nothing was found.")).toBeVisible();
  await expect(page.getByText("photos").first()).toBeVisible();
  await expect(page.getByText("caption").first()).toBeVisible();

  // Who looks at the whole answer first is told how it is built, and not that anything went wrong.
  await page.getByRole("textbox", { name: "Program", exact: false }).first().fill(".");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("No images were found in the answer yet.")).toBeVisible();
  await expect(page.getByRole("region", { name: "How the answer is built" })).toBeVisible();
  await expect(page.getByText(/failed|Refused/)).toHaveCount(0);

  await page
    .getByRole("textbox", { name: "Program", exact: false })
    .first()
    .fill(".photos[] | {image_id: .key, image_url: .src, title: .caption}");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText(/Found 3 images/)).toBeVisible();
  await expectThumbnail(page.getByRole("img", { name: "Dawn over the ridge" }));
});

test("what was typed of a new source is still there after a look at another view", async ({ page, visit, origin }) => {
  await visit("/?view=sources&new=feed");
  const url = page.getByLabel("URL", { exact: false }).first();
  await url.fill(origin.url("/feed.xml"));
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Gallery" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Gallery" })).toBeVisible();
  await page.goBack();
  await expect(url).toHaveValue(origin.url("/feed.xml"));
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.goBack();
  await expect(url).toHaveValue("");
});

test("going back from a source leads to where one was in the list", async ({ page, visit, backend, origin }) => {
  const url = origin.putFeed("/feed.xml", pictures);
  for (let number = 10; number < 40; number += 1) {
    await backend.call("POST", "/sources", { name: `feed ${number}`, type: "feed", url });
  }
  await visit("/?view=sources");
  const link = page.getByRole("link", { name: "feed 35", exact: true });
  await link.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => window.scrollY);
  expect(before).toBeGreaterThan(300);
  await link.click();
  await expect(page.getByRole("heading", { level: 1, name: "feed 35" })).toBeVisible();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
  await page.goBack();
  await expect(link).toBeVisible();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeCloseTo(before, -2);
});

test("one of many sources is found by its name, and those with trouble by themselves", async ({
  page,
  visit,
  backend,
  origin,
}) => {
  const url = origin.putFeed("/feed.xml", pictures);
  origin.put("/gone.xml", { status: 404 });
  for (let number = 10; number < 30; number += 1) {
    await backend.call("POST", "/sources", { name: `${number < 20 ? "hill" : "lake"} ${number}`, type: "feed", url });
  }
  await backend.call("POST", "/sources", { name: "lost", type: "feed", url: origin.url("/gone.xml"), start: true });
  await expect.poll(async () => (await backend.sources()).at(-1)!.reason).toContain("not_found");
  await visit("/?view=sources");
  const names = page.getByRole("link", { name: /^(hill|lake|lost)/ });
  await expect(names).toHaveCount(21);
  await page.getByRole("searchbox", { name: "Find a source" }).fill("lake");
  await expect(names).toHaveCount(10);
  await page.getByRole("link", { name: "lake 25", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "lake 25" })).toBeVisible();
  await page.goBack();
  await expect(names).toHaveCount(10);
  await page.getByRole("searchbox", { name: "Find a source" }).fill("");
  await page.getByRole("checkbox", { name: "Only with trouble (1)" }).check();
  await expect(names).toHaveText(["lost"]);
});

test("what is wrong is said at its field", async ({ page, visit, backend, watch }) => {
  watch.expectFailedLoads(/\/sources(\/test\?.*)?$/);
  await visit("/?view=sources&new=feed");
  const url = page.getByRole("textbox", { name: "URL", exact: false }).first();
  await page.getByLabel("Name").fill("Mine");
  await page.getByRole("button", { name: "Save the source" }).click();
  await expect(url).toHaveAttribute("aria-invalid", "true");
  await expect(url).toBeFocused();
  await expect(url).toHaveAccessibleDescription(/URL/);

  await url.fill("not a url");
  await page.getByLabel("Polled every").fill("soon");
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByLabel("Polled every")).toHaveAttribute("aria-invalid", "true");
  await expect(url).toHaveAttribute("aria-invalid", "true");
  expect(await backend.sources()).toEqual([]);
});

test.describe("with the sources of a backend", () => {
  let source: Source;
  test.beforeEach(async ({ backend, origin }) => {
    const url = origin.putFeed("/feed.xml", pictures);
    source = await backend.call<Source>("POST", "/sources", { name: "ridge", type: "feed", url, interval: "1h" });
  });

  test("a source is fetched, started and stopped from the table", async ({ page, visit, backend }) => {
    await visit("/?view=sources");
    const ridge = row(page, "ridge");
    await expect(ridge).toContainText("stopped");
    await expect(ridge).toContainText("never");

    await ridge.getByRole("button", { name: "Fetch now: ridge" }).click();
    await expect(ridge.getByRole("link", { name: "3 images stored, show them" })).toBeVisible();
    await expect(ridge).toContainText("stopped");

    await ridge.getByRole("button", { name: "Start: ridge" }).click();
    await expect(ridge).toContainText("on schedule");
    await expect(ridge).toContainText(/in (1 h|\d\d min)/);
    await ridge.getByRole("button", { name: "Stop: ridge" }).click();
    await expect(ridge).toContainText("stopped");
    expect((await backend.sources())[0]).toMatchObject({ state: "stopped", next_poll: null });
  });

  test("what somebody else does to a source shows by itself", async ({ page, visit, backend }) => {
    await visit("/?view=sources");
    await expect(row(page, "ridge")).toContainText("stopped");
    await backend.call("POST", `/sources/${source.id}/start`);
    await expect(row(page, "ridge")).toContainText("on schedule");
    await backend.call("PATCH", `/sources/${source.id}`, { name: "crest" });
    await expect(row(page, "crest")).toBeVisible();
    await backend.call("DELETE", `/sources/${source.id}`);
    await expect(page.getByRole("heading", { name: "No sources yet" })).toBeVisible();
  });

  test("a source that is asked to wait says why and until when", async ({ page, visit, origin }) => {
    origin.put("/feed.xml", { status: 429, headers: { "Retry-After": "7200" }, body: "slow down" });
    await visit("/?view=sources");
    await row(page, "ridge").getByRole("button", { name: "Start: ridge" }).click();
    await expect(row(page, "ridge")).toContainText("blocked");
    const reason = page.getByRole("alert").filter({ hasText: "Asked to wait" });
    await expect(reason).toContainText(/goes on in 2 h/);
    await expect(reason).toContainText("429");
  });

  test("a source whose last poll failed does not look as if all were well", async ({ page, visit, origin }) => {
    origin.put("/feed.xml", { status: 500, body: "oh" });
    await visit("/?view=sources");
    await row(page, "ridge").getByRole("button", { name: "Start: ridge" }).click();
    await expect(row(page, "ridge")).toContainText("failing");
    await expect(row(page, "ridge").getByTitle("State: idle")).toBeVisible();
    await expect(row(page, "ridge")).toContainText("put off after the failure");
  });

  test("a source that was refused is stopped, and says what to do", async ({ page, visit, origin }) => {
    origin.put("/feed.xml", { status: 401, body: "who are you?" });
    await visit("/?view=sources");
    await row(page, "ridge").getByRole("button", { name: "Start: ridge" }).click();
    const reason = page.getByRole("alert").filter({ hasText: "Credentials refused" });
    await expect(reason).toContainText("Then start the source again.");
    await expect(row(page, "ridge")).toContainText("stopped");

    await page.getByRole("link", { name: "ridge", exact: true }).click();
    await expect(page.getByRole("alert").filter({ hasText: "Credentials refused" })).toBeVisible();
    await expect(page.getByRole("row").filter({ hasText: "Credentials refused" })).toBeVisible();
  });

  test("a source is edited: what is not changed stays", async ({ page, visit, backend }) => {
    await backend.call("PATCH", `/sources/${source.id}`, { settings: { authorization: "Bearer secret-of-mine" } });
    await visit("/?view=sources");
    await row(page, "ridge").getByRole("button", { name: "More: ridge" }).click();
    await page.getByRole("menuitem", { name: "Edit" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Edit ridge" })).toBeVisible();
    await page.getByLabel("Name").fill("crest");
    await page.getByLabel("Polled every").fill("2h");
    await page.getByRole("button", { name: "Save the changes" }).click();

    await expect(page.getByRole("heading", { level: 1, name: "crest" })).toBeVisible();
    await expect(page.getByText("every 2 hours")).toBeVisible();
    await expect(page.getByText("is set; it is never shown")).toBeVisible();
    const [changed] = await backend.sources();
    expect(changed).toMatchObject({ name: "crest", interval: 7200, url: source.url });
    expect(changed?.settings).toMatchObject({ authorization: "***" });
  });

  test("a source is deleted only when one means it, and its images stay", async ({ page, visit, backend }) => {
    await backend.call("POST", `/sources/${source.id}/fetch`);
    await expect.poll(async () => (await backend.images("state=stored")).length).toBe(3);
    await visit(`/?view=sources&source=${source.id}`);
    await page.getByRole("button", { name: "Delete" }).click();
    const dialog = page.getByRole("dialog", { name: 'Delete "ridge"?' });
    await expect(dialog).toContainText("3 stored images stay");
    await dialog.getByRole("button", { name: "Keep it" }).click();
    await expect(dialog).toHaveCount(0);

    await page.getByRole("button", { name: "Delete" }).click();
    await dialog.getByRole("button", { name: "Delete the source" }).click();
    await expect(page.getByRole("heading", { name: "No sources yet" })).toBeVisible();
    expect(await backend.sources()).toEqual([]);
    expect(await backend.images("state=stored")).toHaveLength(3);
  });

  test("who may only read sees the sources and can change none", async ({ page, visit }) => {
    await visit("/?view=sources", "read");
    await expect(row(page, "ridge")).toBeVisible();
    await expect(page.getByRole("button", { name: /^(Start|Stop|Fetch now|Add a source)/ })).toHaveCount(0);
    await row(page, "ridge").getByRole("button", { name: "More: ridge" }).click();
    await expect(page.getByRole("menuitem")).toHaveText(["Open"]);
    await page.keyboard.press("Escape");
    await visit(`/?view=sources&source=${source.id}&edit=yes`, "read");
    await expect(page.getByText(/may only read/)).toBeVisible();
    await expect(page.getByRole("button", { name: "Save the changes" })).toHaveCount(0);
  });
});
