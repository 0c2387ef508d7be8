import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import { keys, makeQueryClient } from "@/api/queries";

import { Activity } from "./activity";

configure({ asyncUtilTimeout: 10_000 });

vi.hoisted(() => {
  const images = { pending: 0, storing: 0, stored: 0, failed: 0, deleted: 0 };
  const body = { images, queue: [], by_source: [], by_failure_kind: [], per_hour: [], recent: [] };
  // The API's module takes `fetch` when it is loaded.
  globalThis.fetch = () => Promise.resolve(new Response(JSON.stringify(body)));
});

function show(scope: "read" | "write") {
  const client = makeQueryClient();
  client.setQueryData(keys.session, { scope, subject: null, expires_at: null });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <Activity />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

it("leads to what can be done first", async () => {
  show("write");
  expect(await screen.findByRole("link", { name: "Add a source" })).toBeTruthy();
});

it("offers nothing that who may only read cannot do", async () => {
  show("read");
  expect(await screen.findByText(/sign in with a token of scope write/)).toBeTruthy();
  expect(screen.queryByRole("link")).toBeNull();
});
