import { MantineProvider } from "@mantine/core";
import { act, render, screen, waitFor } from "@testing-library/react";
import { Suspense } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type Connection, eventStream } from "@/api/events";
import { reloadPage } from "@/state/reload";

import { ErrorBoundary } from "./error_boundary";
import { later } from "./later";

vi.mock("@/state/reload", () => ({ reloadPage: vi.fn() }));

let connection: Connection = "live";
const watchers = new Set<() => void>();

beforeEach(() => {
  connection = "live";
  vi.spyOn(eventStream, "connection").mockImplementation(() => connection);
  vi.spyOn(eventStream, "watch").mockImplementation((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  });
  // React tells of what a boundary catches.
  vi.spyOn(console, "error").mockImplementation(() => {});
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.mocked(reloadPage).mockClear();
  watchers.clear();
});

async function become(state: Connection) {
  connection = state;
  await act(async () => watchers.forEach((watcher) => watcher()));
}

const Sea = () => <p>The sea</p>;

function show(load: () => Promise<() => React.ReactNode>) {
  const Part = later(load);
  const page = (isThere: boolean) => (
    <MantineProvider env="test">
      {isThere && (
        <ErrorBoundary>
          <Suspense fallback={null}>
            <Part />
          </Suspense>
        </ErrorBoundary>
      )}
    </MantineProvider>
  );
  const { rerender } = render(page(true));
  return { leave: () => rerender(page(false)), comeBack: () => rerender(page(true)) };
}

const missing = () => screen.findByRole("heading", { name: "This part of the page did not load" });

test("a part that did not come while the connection was lost comes when it is back", async () => {
  await become("lost");
  const load = vi.fn(() => (connection === "live" ? Promise.resolve(Sea) : Promise.reject(new TypeError("away"))));
  show(load);
  await missing();
  await become("live");
  expect(await screen.findByText("The sea")).toBeTruthy();
  expect(reloadPage).not.toHaveBeenCalled();
});

test("the loss may be noticed after the part did not come", async () => {
  const load = vi.fn(() => (load.mock.calls.length > 1 ? Promise.resolve(Sea) : Promise.reject(new TypeError("away"))));
  show(load);
  await missing();
  await become("lost");
  await become("connecting");
  await become("live");
  expect(await screen.findByText("The sea")).toBeTruthy();
});

test("one that does not come then either has the whole page loaded again, once", async () => {
  await become("lost");
  show(() => Promise.reject(new TypeError("gone")));
  await missing();
  await become("live");
  await waitFor(() => expect(reloadPage).toHaveBeenCalledTimes(1));
  expect(await missing()).toBeTruthy();
});

test("the page is not thrown away for one that is not there while nothing is amiss with the connection", async () => {
  await become("connecting");
  show(() => Promise.reject(new TypeError("gone")));
  await missing();
  await become("live");
  expect(reloadPage).not.toHaveBeenCalled();
});

test("who went elsewhere meanwhile finds it when he comes again", async () => {
  await become("lost");
  const { leave, comeBack } = show(() =>
    connection === "live" ? Promise.resolve(Sea) : Promise.reject(new TypeError("away")),
  );
  await missing();
  leave();
  await become("live");
  comeBack();
  expect(await screen.findByText("The sea")).toBeTruthy();
});
