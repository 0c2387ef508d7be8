import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";
import { type SourceTest, Trial, type TrialRun } from "@/views/sources/trial";

const nothing: SourceTest = {
  records: [],
  has_more: false,
  unusable: 0,
  unusable_reason: null,
  shape: null,
  failure: null,
};

function show(run: TrialRun, onRefused: (error: Error) => void = () => {}) {
  render(
    <MantineProvider>
      <Trial run={run} onRefused={onRefused} canRun secrets={{ filled: [], empty: ["client_id"] }} />
    </MantineProvider>,
  );
  return userEvent.setup();
}

async function tryIt(result: SourceTest) {
  const user = show(() => Promise.resolve(result));
  await user.click(screen.getByRole("button", { name: "Try it" }));
}

describe("trying a source", () => {
  it("shows what was found, with pictures that tell their hosts nothing of us", async () => {
    await tryIt({
      ...nothing,
      records: [
        { image_url: "https://a.example/1.jpg", title: "A cat", width: 80, height: 60, attribution_name: "Ann" },
      ],
      has_more: true,
    });
    expect(await screen.findByText("Found 1 image, and there are more.")).toBeTruthy();
    expect(screen.getByText("by Ann")).toBeTruthy();
    expect(screen.getByText("80 × 60")).toBeTruthy();
    expect(screen.getByAltText("A cat").getAttribute("referrerpolicy")).toBe("no-referrer");
  });

  it("does not load what is marked as not safe for work", async () => {
    await tryIt({ ...nothing, records: [{ image_url: "https://a.example/1.jpg", title: "Hm", nsfw: true }] });
    expect(await screen.findByRole("button", { name: "Marked NSFW: show" })).toBeTruthy();
    expect(screen.queryByAltText("Hm")).toBeNull();
  });

  it("makes no link of what is no web address", async () => {
    await tryIt({ ...nothing, records: [{ image_url: "javascript:alert(1)", title: "Hm" }] });
    expect(await screen.findByText("javascript:alert(1)")).toBeTruthy();
    expect(screen.queryByRole("link")).toBeNull();
    expect(screen.queryByRole("img")).toBeNull();
  });

  it("says what can be done about a failure", async () => {
    await tryIt({ ...nothing, failure: { kind: "not_found", message: "404" } });
    expect(await screen.findByText("It failed before anything was found.")).toBeTruthy();
    expect(screen.getByText(/There is nothing there/)).toBeTruthy();
  });

  it("names the field that the server wants filled in", async () => {
    await tryIt({ ...nothing, failure: { kind: "bad_auth", message: "client_id is missing" } });
    expect(await screen.findByText("Fill in the client id that the server asks for.")).toBeTruthy();
  });

  it("shows how the answer is built in which nothing was found", async () => {
    await tryIt({ ...nothing, shape: '{"photos": [{"src": "x"}]}' });
    expect(await screen.findByText(".photos[].src")).toBeTruthy();
  });

  it("does not alarm who is still writing the program", async () => {
    const failure = { kind: "bad_request" as const, message: "page 1: result 1 has no image_url" };
    await tryIt({ ...nothing, shape: '{"photos": [{"src": "x"}]}', failure });
    expect(await screen.findByText("No images were found in the answer yet.")).toBeTruthy();
    expect(screen.getByText("page 1: result 1 has no image_url")).toBeTruthy();
    expect(screen.getByText(".photos[].src")).toBeTruthy();
    expect(screen.queryByText(/failed|Refused/)).toBeNull();
  });

  it("calls a failure one where the server is what failed", async () => {
    await tryIt({ ...nothing, shape: '{"error": "x"}', failure: { kind: "server_error", message: "500" } });
    expect(await screen.findByText("It failed before anything was found.")).toBeTruthy();
  });

  it("tells of records that cannot be used, and why", async () => {
    await tryIt({ ...nothing, unusable: 3, unusable_reason: "folder 'a/..' has a '..'" });
    expect(await screen.findByText("3 records cannot be used; the first: folder 'a/..' has a '..'")).toBeTruthy();
    expect(screen.getByText("Nothing that can be used was found.")).toBeTruthy();
  });

  it("tells of one that cannot be used as of one", async () => {
    await tryIt({ ...nothing, unusable: 1, unusable_reason: "no such host" });
    expect(await screen.findByText("1 record cannot be used: no such host")).toBeTruthy();
  });

  it("is cut short when somebody stops it", async () => {
    const run = vi.fn<TrialRun>(() => new Promise(() => {}));
    const user = show(run);
    await user.click(screen.getByRole("button", { name: "Try it" }));
    await user.click(screen.getByRole("button", { name: "Stop" }));
    expect(run.mock.calls[0]?.[0].aborted).toBe(true);
    expect(screen.getByText("Stopped.")).toBeTruthy();
  });

  it("hands on what the backend refuses about the fields", async () => {
    const error = new ApiError(400, "The request is not valid");
    const refused = vi.fn();
    const user = show(() => Promise.reject(error), refused);
    await user.click(screen.getByRole("button", { name: "Try it" }));
    expect(refused).toHaveBeenCalledWith(error);
  });
});
