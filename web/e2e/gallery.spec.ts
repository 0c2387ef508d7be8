import { GalleryPage } from "./support/gallery";
import type { Backend, NewImage } from "./support/backend";
import type { Origin } from "./support/origin";
import { sampleImages, samples } from "./support/samples";
import { expect, test } from "./support/test";

async function storeSamples(backend: Backend, origin: Origin): Promise<void> {
  await backend.addImages(sampleImages(origin));
  await backend.settle();
}

/** Pictures of one colour, with titles that tell them apart. */
function made(origin: Origin, sizes: { title: string; width: number; height: number; more?: Partial<NewImage> }[]) {
  return sizes.map(({ title, width, height, more }, number) => ({
    image_url: origin.url(`/pictures/${width}x${height}/${number}.png`),
    title,
    ...more,
  }));
}

test("an empty gallery says what to do first and leads there", async ({ page, visit }) => {
  await visit("/");
  await expect(page.getByRole("heading", { name: "No images yet" })).toBeVisible();
  await page.getByRole("link", { name: "Add a source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sources" })).toBeVisible();

  await page.goBack();
  await page.getByRole("link", { name: "Paste addresses" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Add" })).toBeVisible();
});

test("all kinds of pictures are shown in their own proportions", async ({ backend, origin, page, visit }) => {
  await storeSamples(backend, origin);
  await visit("/");
  const gallery = new GalleryPage(page);
  await expect(gallery.tiles).toHaveCount(samples.length);

  for (const { title } of samples) {
    const picture = gallery.picture(title);
    await gallery.expectShown(picture);
    const { natural, drawn } = await picture.evaluate((element) => {
      const { naturalWidth, naturalHeight, clientWidth, clientHeight } = element as HTMLImageElement;
      return { natural: naturalWidth / naturalHeight, drawn: clientWidth / clientHeight };
    });
    expect(drawn / natural, `width by height of "${title}"`).toBeGreaterThan(0.95);
    expect(drawn / natural, `width by height of "${title}"`).toBeLessThan(1.05);
  }
});

test("rows are as wide as the page, and pictures of one row as high as each other", async ({
  backend,
  origin,
  page,
  visit,
}) => {
  await storeSamples(backend, origin);
  await visit("/");
  const gallery = new GalleryPage(page);
  await expect(gallery.tiles).toHaveCount(samples.length);
  const rows = await gallery.grid.getByRole("row").evaluateAll((elements) =>
    elements.map((row) => {
      const boxes = [...row.querySelectorAll('[role="gridcell"]')].map((tile) => tile.getBoundingClientRect());
      return { right: Math.max(...boxes.map((box) => box.right)), heights: boxes.map((box) => Math.round(box.height)) };
    }),
  );
  const right = await gallery.grid.evaluate((grid) => grid.getBoundingClientRect().right);

  expect(rows.length).toBeGreaterThan(2);
  for (const row of rows) expect(new Set(row.heights).size).toBe(1);
  for (const row of rows.slice(0, -1)) expect(Math.abs(row.right - right)).toBeLessThan(2);
});

test("a new image comes to the top by itself while one is there, and is only told of further below", async ({
  backend,
  origin,
  page,
  visit,
}) => {
  await storeSamples(backend, origin);
  await visit("/");
  const gallery = new GalleryPage(page);
  await expect(gallery.tiles).toHaveCount(samples.length);

  await backend.addImages(made(origin, [{ title: "Just now", width: 300, height: 200 }]));
  await expect(gallery.tiles.first()).toHaveAccessibleName(/^Just now/);

  await gallery.tiles.last().scrollIntoViewIfNeeded();
  await backend.addImages([{ image_url: origin.url("/pictures/200x300/77.png"), title: "Later still" }]);
  await page.getByRole("button", { name: "1 new image - show" }).click();
  await expect(gallery.tiles.first()).toHaveAccessibleName(/^Later still/);
  await expect(gallery.tiles.first()).toBeInViewport();
});

test("nothing moves while somebody is about to choose an image", async ({ backend, origin, page, visit }) => {
  await storeSamples(backend, origin);
  await visit("/");
  const gallery = new GalleryPage(page);
  await expect(gallery.tiles).toHaveCount(samples.length);

  await gallery.tiles.first().focus();
  await backend.addImages(made(origin, [{ title: "Just now", width: 300, height: 200 }]));
  await expect(page.getByRole("button", { name: "1 new image - show" })).toBeVisible();
  await expect(gallery.tiles.first()).not.toHaveAccessibleName(/^Just now/);
  await gallery.tiles.first().blur();
  await expect(gallery.tiles.first()).toHaveAccessibleName(/^Just now/);
});

test.describe("with images of several kinds", () => {
  test.beforeEach(async ({ backend, origin }) => {
    origin.put("/broken/page.jpg", { headers: { "Content-Type": "image/jpeg" }, body: "<html>no picture</html>" });
    origin.putFeed("/feed.xml", [
      { id: "f1", title: "From a feed", path: "/pictures/320x200/50.png", description: "a quiet harbour" },
    ]);
    await backend.call("POST", "/sources", {
      name: "harbours",
      type: "feed",
      url: origin.url("/feed.xml"),
      start: true,
    });
    await backend.addImages([
      ...made(origin, [
        { title: "Red cat", width: 300, height: 200, more: { attribution_name: "Ann Lindqvist" } },
        { title: "Grey cat", width: 200, height: 300 },
        { title: "A dog", width: 900, height: 900, more: { description: "It chases the cats" } },
        { title: "Private", width: 240, height: 200, more: { nsfw: true } },
      ]),
      { image_url: origin.url("/samples/landscapes/dawn.jpg"), title: "Dawn" },
      { image_url: origin.url("/gone/for/ever.jpg"), title: "Gone" },
      { image_url: origin.url("/broken/page.jpg"), title: "A page" },
    ]);
    await expect.poll(async () => (await backend.images("state=stored")).length).toBe(6);
    await backend.settle();
  });

  test("images that are not safe for work are hidden until one wants to see them", async ({ page, visit }) => {
    await visit("/");
    const gallery = new GalleryPage(page);
    await expect(gallery.tile("A dog")).toBeVisible();
    await expect(gallery.tile("Private")).toHaveCount(0);

    await page.getByLabel("Not safe for work (NSFW)").selectOption("NSFW only");
    await expect(gallery.tiles).toHaveCount(1);
    await expect(gallery.tile("Private")).toBeVisible();

    await page.getByLabel("Not safe for work (NSFW)").selectOption("NSFW shown");
    await expect(gallery.tiles).toHaveCount(6);
  });

  test("search finds as one types, in titles, descriptions and authors", async ({ page, visit }) => {
    await visit("/");
    const gallery = new GalleryPage(page);
    await expect(gallery.tiles).toHaveCount(5);

    await gallery.search.pressSequentially("cat");
    await expect.poll(() => gallery.titles().then((titles) => titles.sort())).toEqual(["A dog", "Grey cat", "Red cat"]);
    await gallery.search.pressSequentially(" lind");
    await expect.poll(() => gallery.titles()).toEqual(["Red cat"]);

    await gallery.search.fill("unicorn");
    await expect(page.getByRole("heading", { name: "No image matches" })).toBeVisible();
    await page.getByRole("button", { name: "Clear all filters" }).click();
    await expect(gallery.tiles).toHaveCount(5);
    await expect(gallery.search).toHaveValue("");
  });

  test("filters by source, type and state narrow the gallery down", async ({ page, visit }) => {
    await visit("/");
    const gallery = new GalleryPage(page);
    await expect(gallery.tiles).toHaveCount(5);

    await page.getByLabel("Source", { exact: true }).selectOption("harbours");
    await expect.poll(() => gallery.titles()).toEqual(["From a feed"]);
    await page.getByRole("button", { name: "Remove the filter harbours" }).click();
    await expect(gallery.tiles).toHaveCount(5);

    await page.getByLabel("Type", { exact: true }).selectOption("JPEG");
    await expect.poll(() => gallery.titles()).toEqual(["Dawn"]);
    await page.getByLabel("Type", { exact: true }).selectOption("Any type");

    await expect(gallery.state("Failed")).toHaveText(/2/);
    await gallery.state("Failed").click();
    await expect(gallery.tiles).toHaveCount(2);
    await page.getByLabel("Failure", { exact: true }).selectOption("Not an image");
    await expect(gallery.tiles).toHaveCount(1);
    await expect(gallery.tile("A page")).toBeVisible();
  });

  test("the order can be chosen", async ({ page, visit }) => {
    await visit("/");
    const gallery = new GalleryPage(page);
    await expect(gallery.tiles).toHaveCount(5);
    await page.getByLabel("Order", { exact: true }).selectOption("Largest");
    await expect.poll(async () => (await gallery.titles())[0]).toBe("Dawn");
    await page.getByLabel("Order", { exact: true }).selectOption("Smallest");
    await expect.poll(async () => (await gallery.titles()).at(-1)).toBe("Dawn");
  });

  test("the address holds what is looked at: in another tab it shows the same", async ({ page, visit, context }) => {
    await visit("/");
    const gallery = new GalleryPage(page);
    await page.getByLabel("Not safe for work (NSFW)").selectOption("NSFW shown");
    await page.getByLabel("Order", { exact: true }).selectOption("Oldest stored");
    await page.getByLabel("Type", { exact: true }).selectOption("PNG");
    await gallery.search.fill("cat");
    await expect(gallery.tiles).toHaveCount(3);
    await expect(page).toHaveURL(/q=cat/);
    const titles = await gallery.titles();

    const other = await context.newPage();
    await other.goto(page.url());
    const same = new GalleryPage(other);
    await expect.poll(() => same.titles()).toEqual(titles);
    await expect(same.search).toHaveValue("cat");
    await expect(other.getByLabel("Type", { exact: true })).toHaveValue("image/png");
    await expect(other.getByLabel("Order", { exact: true })).toHaveValue("stored_at");
    await expect(other.getByLabel("Not safe for work (NSFW)")).toHaveValue("show");
  });

  test("going back takes a filter off again", async ({ page, visit }) => {
    await visit("/");
    const gallery = new GalleryPage(page);
    await expect(gallery.tiles).toHaveCount(5);
    await page.getByLabel("Source", { exact: true }).selectOption("harbours");
    await expect(gallery.tiles).toHaveCount(1);
    await page.goBack();
    await expect(gallery.tiles).toHaveCount(5);
    await expect(page.getByLabel("Source", { exact: true })).toHaveValue("");
  });

  test("failed images stand there with their reason, and are stored when they are tried again", async ({
    page,
    visit,
    origin,
  }) => {
    await visit("/?state=failed");
    const gallery = new GalleryPage(page);
    await expect(gallery.tile("Gone")).toContainText("Not found");
    await expect(gallery.tile("Gone")).toContainText("404");
    await expect(gallery.tile("A page")).toContainText("Not an image");

    origin.put("/gone/for/ever.jpg", { headers: { "Content-Type": "image/png" }, body: await picture(origin) });
    await gallery.tile("Gone").getByRole("checkbox").click();
    await gallery.selection.getByRole("button", { name: "Retry" }).click();
    // It stays where it was, and becomes its picture there.
    await gallery.expectShown(gallery.picture("Gone"));
    await expect(gallery.state("Failed")).toHaveText(/1/);
  });

  test("an image whose object is gone from the store says so", async ({ page, visit, backend, watch }) => {
    watch.expectFailedLoads(/\/images\/\d+\/content/);
    await backend.removeObject((await backend.images("q=red"))[0]!);
    await visit("/");
    const gallery = new GalleryPage(page);
    await expect(gallery.tile("Red cat")).toContainText("Cannot be shown");
    await gallery.expectShown(gallery.picture("Grey cat"));
  });

  test("a session that may only read shows everything and offers no change", async ({ page, visit }) => {
    await visit("/", "read");
    const gallery = new GalleryPage(page);
    await expect(page.getByText("read-only")).toBeVisible();
    await gallery.expectShown(gallery.picture("Red cat"));
    await expect(gallery.grid.getByRole("checkbox")).toHaveCount(0);

    await gallery.tile("Red cat").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Delete");
    await expect(gallery.selection).toHaveCount(0);
    await gallery.tile("Red cat").click();
    await expect(gallery.lightBox).toBeVisible();
    await expect(gallery.lightBox.getByRole("button", { name: "Delete" })).toHaveCount(0);
  });
});

async function picture(origin: Origin): Promise<Buffer> {
  return Buffer.from(await (await fetch(origin.url("/pictures/100x100/99.png"))).arrayBuffer());
}
