import type { Page } from "@playwright/test";

import { GalleryPage } from "./support/gallery";
import { expect, test } from "./support/test";

const urls = (page: Page) => page.getByRole("textbox", { name: "URLs of images" });
const fates = (page: Page) => page.getByRole("region", { name: "The images that were added" }).getByRole("listitem");

/** Drops what a desktop or another page would: files, or text. */
async function drop(page: Page, what: { text?: string; files?: { name: string; type: string; body: string }[] }) {
  const transfer = await page.evaluateHandle(({ text, files }) => {
    const transfer = new DataTransfer();
    if (text !== undefined) transfer.setData("text/uri-list", text);
    if (text !== undefined) transfer.setData("text/plain", text);
    for (const { name, type, body } of files ?? []) transfer.items.add(new File([body], name, { type }));
    return transfer;
  }, what);
  for (const type of ["dragenter", "dragover", "drop"])
    await urls(page).dispatchEvent(type, { dataTransfer: transfer });
}

test("pasted URLs are told apart from lines of no use, added, and each one's fate is shown", async ({
  page,
  visit,
  origin,
  backend,
}) => {
  const release = origin.hold("/pictures/300x200/2.png");
  await visit("/?view=add");
  const good = origin.url("/pictures/300x200/1.png");
  const slow = origin.url("/pictures/300x200/2.png");
  const missing = origin.url("/missing.jpg");
  await urls(page).fill([good, slow, missing, "just words", "ftp://example.com/a.jpg", good].join("\n"));
  await expect(page.getByText("3 URLs recognised. 1 other is a repetition.")).toBeVisible();
  const wrong = page.getByRole("list", { name: "Lines that are left out" });
  await expect(wrong).toContainText("Line 4");
  await expect(wrong).toContainText("Line 5: only http and https URLs can be fetched");

  await page.getByRole("button", { name: "Add 3 images" }).click();
  await expect(urls(page)).toHaveValue("");
  await expect(fates(page).filter({ hasText: good.slice(7) })).toContainText("stored");
  await expect(fates(page).filter({ hasText: missing.slice(7) })).toContainText("Not found");
  await expect(fates(page).filter({ hasText: slow.slice(7) })).toContainText(/pending|storing/);
  release();
  await expect(fates(page).filter({ hasText: slow.slice(7) })).toContainText("stored");
  expect(await backend.images("state=stored")).toHaveLength(2);

  await fates(page)
    .filter({ hasText: good.slice(7) })
    .getByRole("link", { name: "Show 1", exact: true })
    .click();
  const gallery = new GalleryPage(page);
  await gallery.expectShown(gallery.lightBox.getByRole("img"));
  await page.goBack();
  await expect(fates(page), "what was added is still there").toHaveCount(3);
});

test("one image can be given a title and a folder", async ({ page, visit, origin, backend }) => {
  await visit("/?view=add");
  await urls(page).fill(origin.url("/samples/landscapes/dawn.jpg"));
  await page.getByLabel("Title").fill("Dawn");
  await page.getByLabel("Folder").fill("mornings / 2026");
  await page.getByRole("button", { name: "Add 1 image" }).click();
  await expect(fates(page)).toContainText("Dawn");
  await expect(fates(page)).toContainText("stored");
  const [image] = await backend.images();
  expect(image).toMatchObject({ title: "Dawn", folder_name: expect.stringMatching(/mornings\/2026$/) });
});

test("a folder that is none is said at its field, and nothing is lost", async ({ page, visit, origin, backend }) => {
  await visit("/?view=add");
  const url = origin.url("/samples/landscapes/dawn.jpg");
  await urls(page).fill(url);
  await page.getByLabel("Folder").fill("../x");
  await page.getByRole("button", { name: "Add 1 image" }).click();
  await expect(page.getByLabel("Folder")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Folder")).toBeFocused();
  await expect(urls(page)).toHaveValue(url);
  expect(await backend.images()).toEqual([]);
  await page.getByLabel("Folder").fill("x");
  await page.getByRole("button", { name: "Add 1 image" }).click();
  await expect(fates(page)).toContainText("stored");
});

test("what was typed is still there after a look at another view", async ({ page, visit, origin }) => {
  await visit("/?view=add");
  const url = origin.url("/samples/landscapes/dawn.jpg");
  await urls(page).fill(url);
  const views = page.getByRole("navigation", { name: "Views" });
  await views.getByRole("link", { name: "Sources" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sources" })).toBeVisible();
  await views.getByRole("link", { name: "Add", exact: true }).click();
  await expect(urls(page)).toHaveValue(url);
  await expect(page.getByRole("button", { name: "Add 1 image" })).toBeEnabled();
});

test("a list as a file is chosen, and what it says of its images is kept", async ({ page, visit, origin, backend }) => {
  await visit("/?view=add");
  const csv = [
    "url,title,licence",
    `${origin.url("/samples/clouds/moss.webp")},"Moss, green",CC0`,
    `${origin.url("/samples/clouds/embers.jpg")},Embers,CC0`,
    "nothing,No URL,",
  ].join("\n");
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a list" }).click();
  await (await chooser).setFiles({ name: "pictures.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await expect(page.getByText("pictures.csv: 2 URLs")).toBeVisible();
  await expect(page.getByRole("list", { name: "Lines that are left out" })).toContainText("pictures.csv, line 4");

  await page.getByRole("button", { name: "Add 2 images" }).click();
  await expect(fates(page).filter({ hasText: "stored" })).toHaveCount(2);
  const [moss] = await backend.images("q=moss");
  expect(moss).toMatchObject({ title: "Moss, green", meta: { licence: "CC0" } });
});

test("links and files can be dropped, and what is no list is refused", async ({ page, visit, origin }) => {
  await visit("/?view=add");
  await drop(page, { text: origin.url("/pictures/300x200/1.png") });
  await expect(urls(page)).toHaveValue(new RegExp("/pictures/300x200/1.png"));
  await drop(page, {
    files: [{ name: "more.txt", type: "text/plain", body: `# two\n${origin.url("/pictures/300x200/2.png")}\n` }],
  });
  await expect(page.getByText("more.txt: 1 URL")).toBeVisible();
  await expect(page.getByText("2 URLs recognised.")).toBeVisible();

  await drop(page, { files: [{ name: "photo.png", type: "image/png", body: "\u0089PNG" }] });
  await expect(page.getByRole("alert").filter({ hasText: "Not taken" })).toContainText("photo.png");
  await page.getByRole("button", { name: "Leave more.txt out" }).click();
  await page.getByRole("button", { name: "Add 1 image" }).click();
  await expect(fates(page)).toHaveCount(1);
});

test("an image that is known already says so, and one that failed can be tried again", async ({
  page,
  visit,
  origin,
  backend,
}) => {
  const known = origin.url("/pictures/300x200/1.png");
  await backend.addImages([{ image_url: known }]);
  await backend.settle();
  await visit("/?view=add");
  await urls(page).fill(`${known}\n${origin.url("/late.png")}`);
  await page.getByRole("button", { name: "Add 2 images" }).click();
  await expect(fates(page).filter({ hasText: known.slice(7) })).toContainText("Known already");

  const late = fates(page).filter({ hasText: "/late.png" });
  await expect(late).toContainText("failed");
  const body = Buffer.from(await (await fetch(origin.url("/pictures/90x60/3.png"))).arrayBuffer());
  origin.put("/late.png", { headers: { "Content-Type": "image/png" }, body });
  await late.getByRole("button", { name: /^Try again/ }).click();
  await expect(late).toContainText("stored");
});

test("who may only read is told that nothing can be added", async ({ page, visit }) => {
  await visit("/?view=add", "read");
  await expect(page.getByRole("heading", { name: "This session may only read" })).toBeVisible();
  await expect(page.getByRole("textbox")).toHaveCount(0);
});
