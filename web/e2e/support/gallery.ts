import { expect, type Locator, type Page } from "@playwright/test";

/** The gallery as a person sees it. */
export class GalleryPage {
  readonly grid: Locator;
  /** Those that are in the document; of a long list only a few are. */
  readonly tiles: Locator;
  readonly lightBox: Locator;
  readonly selection: Locator;

  constructor(private readonly page: Page) {
    this.grid = page.getByRole("grid", { name: "Images" });
    this.tiles = this.grid.getByRole("gridcell");
    this.lightBox = page.getByRole("dialog").filter({ has: page.getByRole("button", { name: "Close (Escape)" }) });
    this.selection = page.getByRole("region", { name: "Selected images" });
  }

  /** The tile of an image by its title; whatever else is said of it may follow. */
  tile(title: string): Locator {
    return this.grid.getByRole("gridcell", {
      name: new RegExp(`^${title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w])`),
    });
  }

  picture(title: string): Locator {
    return this.tile(title).getByRole("img");
  }

  /** The titles of all tiles in the document that have their picture, in the order in which they are seen. */
  titles(): Promise<string[]> {
    return this.tiles.getByRole("img").evaluateAll((pictures) => pictures.map((one) => one.getAttribute("alt") ?? ""));
  }

  /** The titles of the selected ones. */
  selectedTitles(): Promise<string[]> {
    return this.grid
      .locator('[aria-selected="true"]')
      .getByRole("img")
      .evaluateAll((pictures) => pictures.map((one) => one.getAttribute("alt") ?? ""));
  }

  state(name: string): Locator {
    return this.page.getByRole("group", { name: "State" }).getByRole("button", { name: new RegExp(`^${name}\\b`) });
  }

  get search(): Locator {
    return this.page.getByRole("searchbox");
  }

  /** The picture has come and has been drawn. */
  async expectShown(picture: Locator): Promise<void> {
    await picture.scrollIntoViewIfNeeded();
    await expect
      .poll(() =>
        picture.evaluate(
          (element) => (element as HTMLImageElement).complete && (element as HTMLImageElement).naturalWidth,
        ),
      )
      .toBeGreaterThan(0);
  }

  /** The number of tiles that are drawn in the document now. */
  countTiles(): Promise<number> {
    return this.tiles.count();
  }
}
