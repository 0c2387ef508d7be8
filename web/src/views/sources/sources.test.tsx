import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { makeQueryClient } from "@/api/queries";
import { addressOf, go } from "@/state/address";

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

function source(id: number, name: string) {
  return { id, name, type: "feed", state: "idle", last_poll: null, next_poll: null, counts, ...rest };
}

describe("Sources", () => {
  let sources: { id: number; name: string }[];

  beforeEach(() => {
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
});
