import { MantineProvider } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Image } from "@/api/client";
import { eventStream } from "@/api/events";
import { makeQueryClient } from "@/api/queries";
import { go } from "@/state/address";

import { BackendForTest } from "./backend_for_test";
import { Gallery } from "./gallery";
import { imageForTest, imagesForTest } from "./image_for_test";

// Waits end when what is waited for is there; a machine with much to do may take its time.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

const held = vi.hoisted(() => ({ backend: null as unknown }));
const backend = () => held.backend as BackendForTest;

vi.mock("@/api/client", async (original) => ({
  ...(await original<object>()),
  api: {
    GET: (...call: Parameters<BackendForTest["api"]["GET"]>) => backend().api.GET(...call),
    POST: (...call: Parameters<BackendForTest["api"]["POST"]>) => backend().api.POST(...call),
    use: () => {},
  },
}));

type Listener = Parameters<typeof eventStream.listen>[0];
const listeners = new Set<Listener>();
const actualWidth = Object.getOwnPropertyDescriptor(Element.prototype, "clientWidth")!;

beforeEach(() => {
  held.backend = new BackendForTest();
  Object.defineProperty(Element.prototype, "clientWidth", { configurable: true, get: () => 1000 });
  vi.spyOn(window, "scrollTo").mockImplementation(() => {});
  vi.spyOn(window, "scrollBy").mockImplementation(() => {});
  vi.spyOn(eventStream, "listen").mockImplementation((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  });
});

afterEach(() => {
  scroll(0);
  Object.defineProperty(Element.prototype, "clientWidth", actualWidth);
  vi.restoreAllMocks();
  listeners.clear();
});

function scroll(to: number) {
  Object.defineProperty(window, "scrollY", { configurable: true, value: to });
  fireEvent.scroll(window);
}

function tellStored(image: Image) {
  act(() => {
    for (const listener of listeners) listener({ name: "image_stored", data: image });
  });
}

async function show(images: Image[], address = "/") {
  backend().images = images;
  go(address, "replace");
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={makeQueryClient()}>
        <Gallery />
      </QueryClientProvider>
    </MantineProvider>,
  );
  if (images.length > 0) await screen.findAllByRole("gridcell");
  return userEvent.setup();
}

const tile = (name: string) => screen.getByRole("gridcell", { name });
const tiles = () => screen.getAllByRole("gridcell");
const nameOf = (one: HTMLElement) => within(one).queryByRole("img")?.getAttribute("alt") ?? "";
const selectedNames = () =>
  tiles()
    .filter((one) => one.getAttribute("aria-selected") === "true")
    .map(nameOf);
const picture = (name: string) => within(tile(name)).getByRole("link");

describe("the list", () => {
  test("only what is in sight is in the document, and more is loaded as one comes near the end", async () => {
    await show(imagesForTest(1, 250));
    expect(tiles().length).toBeLessThan(60);
    expect(backend().asked("GET /images")).toHaveLength(1);
    scroll(100_000);
    await waitFor(() => expect(backend().asked("GET /images").at(-1)?.query["cursor"]).toBe("100"));
  });

  test("an image without a picture says why", async () => {
    await show([imageForTest({ state: "failed", failure_kind: "not_found", title: "Gone" })], "/?state=failed");
    expect(tile("Gone Not found")).toBeTruthy();
  });

  test("the name of an image without a picture is there to be seen", async () => {
    await show([imageForTest({ state: "failed", failure_kind: "not_found", title: "Gone" })], "/?state=failed");
    expect(within(tile("Gone Not found")).getByText("Gone")).toBeTruthy();
  });

  test("a picture that does not load says so", async () => {
    await show([imageForTest({ title: "Broken" })]);
    fireEvent.error(within(tile("Broken")).getByRole("img"));
    expect(screen.getByRole("gridcell", { name: /^Broken Cannot be shown/ })).toBeTruthy();
  });

  test("what is not safe for work is hidden until it is asked for", async () => {
    await show([imageForTest({ id: 1, title: "Tame" }), imageForTest({ id: 2, title: "Wild", nsfw: true })]);
    expect(screen.queryByRole("gridcell", { name: "Wild" })).toBeNull();
    act(() => go("/?nsfw=show"));
    expect(await screen.findByRole("gridcell", { name: "Wild" })).toBeTruthy();
  });

  test("the numbers of the states stand there as long as they are those of the list", async () => {
    const wild = imageForTest({ id: 9, title: "Wild", nsfw: true });
    await show([...imagesForTest(1, 2), wild]);
    const stored = () => screen.getByRole("button", { name: /^Stored/ }).textContent;
    await waitFor(() => expect(stored()).toBe("Stored3"));
    expect(screen.getAllByText("2 images, 1 hidden as NSFW")).not.toHaveLength(0);
    act(() => go("/?nsfw=show"));
    expect(await screen.findAllByText("3 images")).not.toHaveLength(0);
    expect(stored()).toBe("Stored3");
    act(() => go("/?source=1"));
    await waitFor(() => expect(stored()).toBe("Stored"));
  });

  test("without any image it says what to do first", async () => {
    await show([]);
    expect(await screen.findByRole("link", { name: "Add a source" })).toBeTruthy();
  });

  test("who may only read is not sent to where nothing can be added", async () => {
    backend().scope = "read";
    await show([]);
    expect(await screen.findByText(/sign in with a token of scope write/)).toBeTruthy();
    expect(screen.queryByRole("link", { name: "Add a source" })).toBeNull();
    expect(screen.queryByRole("link", { name: "Paste addresses" })).toBeNull();
  });

  test("a state in which nothing is says so, and leads to what is stored", async () => {
    const user = await show(imagesForTest(1, 2), "/");
    act(() => go("/?state=pending"));
    expect(await screen.findByRole("heading", { name: "Nothing is waiting" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show what is stored" }));
    expect(await screen.findByRole("gridcell", { name: "Picture 1" })).toBeTruthy();
  });

  test("the scrolling is the list's while it is shown, and the browser's in the other views", async () => {
    await show(imagesForTest(1, 2));
    expect(window.history.scrollRestoration).toBe("manual");
    cleanup();
    expect(window.history.scrollRestoration).toBe("auto");
  });

  test("what the backend refuses is told, with a way to try again", async () => {
    backend().faults.set("GET /images", { status: 400, detail: "the cursor is broken" });
    const user = await show([]);
    backend().images = imagesForTest(1, 1);
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("gridcell", { name: "Picture 1" })).toBeTruthy();
  });
});

describe("filters", () => {
  test("a state is asked for and stands in the address", async () => {
    const user = await show([...imagesForTest(1, 2), imageForTest({ id: 9, title: "Bad", state: "failed" })]);
    await user.click(screen.getByRole("button", { name: /^Failed/ }));
    expect(await screen.findByRole("gridcell", { name: /^Bad/ })).toBeTruthy();
    expect(window.location.search).toBe("?state=failed");
  });

  test("words are searched for when one has typed", async () => {
    const user = await show(imagesForTest(1, 2));
    await user.type(screen.getByRole("searchbox"), "black cat");
    await waitFor(() => expect(window.location.search).toBe("?q=black+cat"));
    await waitFor(() => expect(backend().asked("GET /images").at(-1)?.query["q"]).toBe("black cat"));
    expect(backend().asked("GET /images").length).toBeLessThan(4);
  });

  test("a chip takes its filter off", async () => {
    const user = await show(imagesForTest(1, 2), "/?type=image/png&source=1");
    await user.click(await screen.findByRole("button", { name: "Remove the filter PNG" }));
    expect(window.location.search).toBe("?source=1");
  });
});

describe("selection", () => {
  test("Ctrl picks one more, Shift a range, and a plain click then picks too", async () => {
    const user = await show(imagesForTest(1, 12));
    await user.keyboard("{Control>}");
    await user.click(picture("Picture 2"));
    await user.keyboard("{/Control}{Shift>}");
    await user.click(picture("Picture 4"));
    await user.keyboard("{/Shift}");
    await user.click(picture("Picture 6"));
    expect(selectedNames()).toEqual(["Picture 2", "Picture 3", "Picture 4", "Picture 6"]);
  });

  test("the keyboard moves, picks, extends, picks all and none", async () => {
    const user = await show(imagesForTest(1, 12));
    await act(async () => tile("Picture 1").focus());
    await user.keyboard("{ArrowRight} ");
    expect(document.activeElement).toBe(tile("Picture 2"));
    expect(selectedNames()).toEqual(["Picture 2"]);
    await user.keyboard("{Shift>}{ArrowRight}{ArrowRight}{ArrowLeft}{/Shift}");
    expect(selectedNames()).toEqual(["Picture 2", "Picture 3"]);
    await user.keyboard("{Control>}a{/Control}");
    expect(selectedNames()).toHaveLength(12);
    await user.keyboard("{Escape}");
    expect(selectedNames()).toEqual([]);
  });

  test("a box that is ticked leaves the keyboard to its tile, and Ctrl+A and Escape do as ever", async () => {
    const user = await show(imagesForTest(1, 12));
    await user.click(screen.getByRole("checkbox", { name: "Select Picture 3" }));
    expect(document.activeElement).toBe(tile("Picture 3"));
    await user.keyboard("{Control>}a{/Control}");
    expect(selectedNames()).toHaveLength(12);
    await user.keyboard("{Escape}");
    expect(selectedNames()).toEqual([]);
  });

  test("Ctrl+A and Escape reach the list from a box, and not from a field for text", async () => {
    const user = await show(imagesForTest(1, 12));
    act(() => screen.getByRole("checkbox", { name: "Select Picture 3" }).focus());
    await user.keyboard("{Control>}a{/Control}");
    expect(selectedNames()).toHaveLength(12);
    await user.keyboard("{Escape}");
    expect(selectedNames()).toEqual([]);
    await user.click(screen.getByRole("searchbox"));
    await user.keyboard("{Control>}a{/Control}");
    expect(selectedNames()).toEqual([]);
  });

  test("one tile alone is reached by the Tab key", async () => {
    await show(imagesForTest(1, 12));
    expect(tiles().filter((one) => one.tabIndex === 0)).toHaveLength(1);
  });

  test("Delete asks first, then deletes and takes the images from the list", async () => {
    const user = await show(imagesForTest(1, 5));
    await user.click(screen.getByRole("checkbox", { name: "Select Picture 2" }));
    await user.click(screen.getByRole("checkbox", { name: "Select Picture 3" }));
    await user.keyboard("{Delete}");
    expect(backend().asked("POST /images/delete")).toHaveLength(0);
    await user.click(await screen.findByRole("button", { name: "Delete 2 images" }));
    await waitFor(() => expect(screen.queryByRole("gridcell", { name: "Picture 2" })).toBeNull());
    expect(backend().asked("POST /images/delete")[0]?.body).toEqual({ ids: [2, 3] });
    expect(tiles()).toHaveLength(3);
  });

  test("what could not be deleted stays, selected", async () => {
    const user = await show(imagesForTest(1, 3));
    backend().faults.set("POST /images/delete", { status: 502, detail: "the store is away" });
    await user.click(screen.getByRole("checkbox", { name: "Select Picture 2" }));
    await user.click(screen.getByRole("button", { name: "Delete" }));
    await user.click(await screen.findByRole("button", { name: "Delete 1 image" }));
    await waitFor(() => expect(backend().asked("GET /images/{id}")).toHaveLength(1));
    expect(selectedNames()).toEqual(["Picture 2"]);
  });

  test("failed images are tried again", async () => {
    const images = imagesForTest(1, 2, { state: "failed", failure_kind: "timeout" });
    const user = await show(images, "/?state=failed");
    await user.click(screen.getByRole("checkbox", { name: "Select Picture 1" }));
    await user.click(screen.getByRole("button", { name: "Retry" }));
    expect(await screen.findByRole("gridcell", { name: "Picture 1 Waiting" })).toBeTruthy();
    expect(backend().asked("POST /images/retry")[0]?.body).toEqual({ ids: [1] });
  });

  test("an image that is tried again has the keyboard afterwards", async () => {
    const images = imagesForTest(1, 2, { state: "failed", failure_kind: "timeout" });
    const told = vi.spyOn(notifications, "show");
    const user = await show(images, "/?state=failed");
    await user.click(screen.getByRole("checkbox", { name: "Select Picture 2" }));
    act(() => screen.getByRole("button", { name: "Retry" }).focus());
    await user.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(tile("Picture 2 Waiting")));
    expect(told).toHaveBeenCalledWith(expect.objectContaining({ message: "1 image waits to be tried again" }));
  });

  test("who went elsewhere while images are tried again stays there", async () => {
    const user = await show(imagesForTest(1, 2, { state: "failed", failure_kind: "timeout" }), "/?state=failed");
    await user.click(screen.getByRole("checkbox", { name: "Select Picture 2" }));
    fireEvent.click(screen.getByRole("button", { name: "Retry" }));
    act(() => screen.getByRole("searchbox").focus());
    await screen.findByRole("gridcell", { name: "Picture 2 Waiting" });
    expect(document.activeElement).toBe(screen.getByRole("searchbox"));
  });

  test("when the last image of a list is deleted, the state has the keyboard", async () => {
    const user = await show(imagesForTest(1, 1));
    await act(async () => tile("Picture 1").focus());
    await user.keyboard("{Delete}");
    await user.click(await screen.findByRole("button", { name: "Delete 1 image" }));
    await waitFor(() => expect(screen.queryByRole("gridcell")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: /^Stored/ })));
  });

  test("who may only look has nothing to select", async () => {
    backend().scope = "read";
    const user = await show(imagesForTest(1, 3));
    expect(screen.queryByRole("checkbox")).toBeNull();
    await act(async () => tile("Picture 1").focus());
    await user.keyboard(" {Delete}{Control>}a{/Control}");
    expect(selectedNames()).toEqual([]);
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

describe("one image large", () => {
  test("a click opens it, arrow keys leaf, Escape closes, and the address goes along", async () => {
    const user = await show(imagesForTest(1, 5));
    await user.click(picture("Picture 2"));
    expect(await screen.findByRole("dialog", { name: "Picture 2" })).toBeTruthy();
    expect(window.location.search).toBe("?image=2");
    await user.keyboard("{ArrowRight}");
    expect(await screen.findByRole("dialog", { name: "Picture 3" })).toBeTruthy();
    expect(window.location.search).toBe("?image=3");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(window.location.search).toBe("");
  });

  test("when the last image of a list is deleted there, the state has the keyboard", async () => {
    const user = await show(imagesForTest(1, 1));
    await user.click(picture("Picture 1"));
    await screen.findByRole("dialog", { name: "Picture 1" });
    await user.keyboard("{Delete}");
    await user.click(await screen.findByRole("button", { name: "Delete 1 image" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: /^Stored/ })));
  });

  test("a link leads to an image that the list does not have", async () => {
    const other = imageForTest({ id: 77, title: "Elsewhere", state: "failed", failure_kind: "too_large" });
    await show([...imagesForTest(1, 2), other], "/?image=77");
    const dialog = await screen.findByRole("dialog", { name: "Elsewhere" });
    expect(within(dialog).getAllByText("Too large").length).toBeGreaterThan(0);
  });

  test("a link to no image says so, and offers only to close", async () => {
    const user = await show(imagesForTest(1, 2), "/?image=99");
    expect(await screen.findByText("Image 99 was deleted, or was never there.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(window.location.search).toBe("");
  });

  test("an image that could not be asked for can be asked for again", async () => {
    backend().faults.set("GET /images/{id}", { status: 403, detail: "not now" });
    const user = await show(
      [...imagesForTest(1, 2), imageForTest({ id: 77, title: "Late", state: "failed" })],
      "/?image=77",
    );
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("dialog", { name: "Late" })).toBeTruthy();
  });

  test("a state is shown whole beside a long title", async () => {
    await show([imageForTest({ title: "long ".repeat(40).trim() })], "/?image=1");
    const badge = within(await screen.findByRole("dialog")).getByText("stored").parentElement!;
    expect(badge.style.flexShrink).toBe("0");
  });

  test("what strangers gave as an address is no link unless it is one", async () => {
    await show([imageForTest({ attribution_name: "Eve", attribution_url: "javascript:alert(1)" })], "/?image=1");
    const dialog = await screen.findByRole("dialog");
    await within(dialog).findByText(/Eve/);
    expect(within(dialog).queryByRole("link", { name: "Eve" })).toBeNull();
  });
});

describe("new images", () => {
  const fresh = imageForTest({ id: 500, title: "Fresh", stored_at: "2026-02-01T00:00:00.000Z" });

  test("come on top while one is there", async () => {
    await show(imagesForTest(1, 5));
    tellStored(fresh);
    await waitFor(() => expect(nameOf(tiles()[0]!)).toBe("Fresh"));
  });

  test("are counted if they are hidden", async () => {
    await show(imagesForTest(1, 5));
    tellStored({ ...fresh, nsfw: true });
    expect(await screen.findAllByText("5 images, 1 hidden as NSFW")).not.toHaveLength(0);
    expect(tiles()).toHaveLength(5);
  });

  test("wait until one wants to see them while one looks further down", async () => {
    const user = await show(imagesForTest(1, 80));
    scroll(2000);
    tellStored(fresh);
    const button = await screen.findByRole("button", { name: "1 new image - show" });
    expect(screen.queryByRole("gridcell", { name: "Fresh" })).toBeNull();
    scroll(0);
    await user.click(button);
    await waitFor(() => expect(nameOf(tiles()[0]!)).toBe("Fresh"));
    expect(screen.queryByRole("button", { name: /new image/ })).toBeNull();
  });

  test("an image that the list has changes in its place", async () => {
    await show(imagesForTest(1, 5, { state: "pending" }), "/?state=pending");
    tellStored(imageForTest({ id: 3, title: "Picture 3" }));
    await waitFor(() => expect(within(tile("Picture 3")).getByRole("img")).toBeTruthy());
    expect(tiles()).toHaveLength(5);
  });
});
