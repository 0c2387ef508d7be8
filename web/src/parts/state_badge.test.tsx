import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { sourceSign, SourceStateBadge } from "./state_badge";

test("a source that works is on schedule", () => {
  expect(sourceSign({ state: "idle", reason: null })).toEqual({ word: "on schedule", color: "teal" });
});

test("a source whose last poll failed does not look as if all were well", () => {
  const sign = sourceSign({ state: "idle", reason: "timeout: 30 s" });
  expect(sign.word).toBe("failing");
  expect(sign.color).not.toBe("teal");
});

test("of the other states the reason stands elsewhere", () => {
  expect(sourceSign({ state: "stopped", reason: "bad_auth: 401" }).word).toBe("stopped");
  expect(sourceSign({ state: "blocked", reason: "rate_limited: 429" }).word).toBe("blocked");
});

test("the state is there by the name that the API has for it", () => {
  render(
    <MantineProvider>
      <SourceStateBadge source={{ state: "idle", reason: null }} />
    </MantineProvider>,
  );
  expect(screen.getByTitle("State: idle").textContent).toBe("on schedule");
});
