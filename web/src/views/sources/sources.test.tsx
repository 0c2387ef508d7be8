import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, configure, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { makeQueryClient } from "@/api/queries";
import { addressOf, go } from "@/state/address";
import { forgetDrafts } from "@/state/draft";

import { Sources } from "./sources";

// Waits end when what is waited for is there; a machine with much to do may take its time.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

const backend = vi.hoisted(() => {
  const one = { respond: (_request: Request): unknown => null };
  // The API's module takes `fetch` when it is loaded.
  globalThis.fetch = (request) => {
    const body = one.respond(request as Request);
    const init = { status: body === null ? 204 : 200, headers: { "Content-Type": "application/json" } };
    return Promise.resolve(new Response(body === null ? null : JSON.stringify(body), init));
  };
  return one;
});

const counts = { pending: 0, storing: 0, stored: 0, failed: 0, deleted: 0 };
const rest = { url: null, interval: 3600, rate_limit: null, blocked_until: null, reason: null, settings: {} };

const feed = {
  name: "feed",
  label: "Feed",
  help: "a feed",
  url: "needed",
  example_url: null,
  interval: 3600,
  rate_limit: null,
  settings: [],
  preset: false,
  polled: true,
};

function poll(id: number, found: number) {
  const at = `2026-02-01T10:0${id}:00Z`;
  return { id, started_at: at, ended_at: at, found, new: 0, failure: null };
}

function source(id: number, name: string) {
  return { id, name, type: "feed", state: "idle", last_poll: null, next_poll: null, counts, ...rest };
}

describe("Sources", () => {
  let sources: ReturnType<typeof source>[];

  beforeEach(() => {
    forgetDrafts();
    sources = [source(1, "ridge"), source(2, "shore")];
    backend.respond = ({ method, url }) => {
      const { pathname } = new URL(url);
      const id = Number(/^\/sources\/(\d+)$/.exec(pathname)?.[1]);
      if (method === "DELETE") {
        sources = sources.filter((one) => one.id !== id);
        return null;
      }
      if (id) return sources.find((one) => one.id === id);
      if (pathname === "/session") return { scope: "write", subject: null, expires_at: null };
      if (pathname === "/sources/types") return { items: [feed] };
      if (pathname === "/sources/1/polls") return { items: [poll(2, 0), poll(1, 7)], next_cursor: null };
      if (method === "POST") return source(3, "cliff");
      if (pathname === "/statistics") return { by_source: [] };
      return { items: pathname === "/sources" ? sources : [], next_cursor: null };
    };
  });

  function show(address: string) {
    go(address);
    render(
      <MantineProvider env="test">
        <QueryClientProvider client={makeQueryClient()}>
          <Sources />
        </QueryClientProvider>
      </MantineProvider>,
    );
    return userEvent.setup();
  }

  it("takes the keyboard to the heading when a source was deleted in the list", async () => {
    const user = show(addressOf("sources"));
    await user.click(await screen.findByRole("button", { name: "More: ridge" }));
    await user.click(await screen.findByRole("menuitem", { name: "Delete..." }));
    await user.click(await screen.findByRole("button", { name: "Delete the source" }));
    await waitFor(() => expect(screen.queryByRole("link", { name: "ridge" })).toBeNull());
    await waitFor(() =>
      expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1, name: "Sources" })),
    );
  });

  it("takes the keyboard to the list's heading when a source was deleted on its own page", async () => {
    const user = show(addressOf("sources", { source: "1" }));
    await user.click(await screen.findByRole("button", { name: "Delete" }));
    await user.click(await screen.findByRole("button", { name: "Delete the source" }));
    const heading = await screen.findByRole("heading", { level: 1, name: "Sources" });
    await waitFor(() => expect(document.activeElement).toBe(heading));
  });

  it("leaves the keyboard alone when the list is opened", async () => {
    show(addressOf("sources"));
    await screen.findByRole("link", { name: "ridge" });
    expect(document.activeElement).toBe(document.body);
  });

  it("keeps what was typed of a new source, until it is saved or given up", async () => {
    const field = () => screen.findByRole<HTMLInputElement>("textbox", { name: /^URL/ });
    const address = addressOf("sources", { new: "feed" });
    const user = show(address);
    await user.type(await field(), "https://a.example/feed");
    act(() => go(addressOf("sources")));
    await screen.findByRole("link", { name: "ridge" });
    act(() => go(address));
    expect((await field()).value).toBe("https://a.example/feed");

    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await screen.findByRole("link", { name: "ridge" });
    act(() => go(address));
    expect((await field()).value).toBe("");

    await user.type(await field(), "https://b.example/feed");
    await user.click(screen.getByRole("button", { name: "Save the source" }));
    await screen.findByRole("heading", { level: 1, name: "cliff" });
    act(() => go(address));
    expect((await field()).value).toBe("");
  });

  it("says of a poll that brought nothing that there was nothing new, and of others that they are ok", async () => {
    show(addressOf("sources", { source: "1" }));
    const cells = (await screen.findAllByRole("cell")).map((cell) => cell.textContent);
    expect(cells.filter((text) => text === "nothing new" || text === "ok")).toEqual(["nothing new", "ok"]);
  });

  it("says that the next poll was put off after one that failed", async () => {
    const times = { last_poll: "2026-02-01T10:00:00Z", next_poll: "2096-02-01T12:00:00Z" };
    sources = [{ ...source(1, "ridge"), ...times, reason: "timeout: too slow" }] as unknown as typeof sources;
    show(addressOf("sources", { source: "1" }));
    expect(await screen.findByText("put off after the failure")).toBeTruthy();
    expect(screen.getByText("failing")).toBeTruthy();
  });
});
