import { describe, expect, it } from "vitest";

import type { Source } from "@/api/client";
import { isPutOff, pollAdvice, readReason, sourceTrouble, trialAdvice } from "@/views/sources/poll_advice";

const well: Source = {
  id: 1,
  name: "sea",
  type: "imgur",
  url: null,
  interval: 3600,
  rate_limit: 60,
  state: "idle",
  blocked_until: null,
  reason: null,
  last_poll: null,
  next_poll: null,
  counts: { pending: 0, storing: 0, stored: 0, failed: 0, deleted: 0 },
  settings: {},
};

describe("a reason", () => {
  it("is a kind and a message", () => {
    expect(readReason("not_found: https://a.example: 404")).toEqual({
      kind: "not_found",
      message: "https://a.example: 404",
    });
  });

  it("may be a message alone", () => {
    expect(readReason("Something else")).toEqual({ kind: "", message: "Something else" });
  });
});

describe("what can be done about a failed poll", () => {
  it("names the credentials to check", () => {
    const trouble = sourceTrouble({
      ...well,
      state: "stopped",
      reason: "bad_auth: 401",
      settings: { tag: "sea", client_id: "***" } as Record<string, unknown> as Source["settings"],
    });
    expect(trouble?.what).toBe("Credentials refused");
    expect(trouble?.advice).toBe("Check the client id of this source. Then start the source again.");
  });

  it("is nothing while a limit is waited for", () => {
    const trouble = sourceTrouble({ ...well, state: "blocked", reason: "rate_limited: 429" });
    expect(trouble?.advice).toContain("Nothing to do");
  });

  it("is a start by hand once the source was stopped", () => {
    const trouble = sourceTrouble({ ...well, state: "stopped", reason: "rate_limited: 429" });
    expect(trouble?.advice).toBe("Start the source to try again.");
    const busy = sourceTrouble({ ...well, state: "stopped", reason: "timeout: too slow" });
    expect(busy?.advice).toBe("The server took too long. Start the source to try again.");
  });

  it("is to correct or delete what is gone for good", () => {
    const trouble = sourceTrouble({ ...well, state: "stopped", reason: "gone: 410" });
    expect(trouble?.what).toBe("Gone for good");
    expect(trouble?.advice).toContain("delete the source");
  });

  it("is told of a kind that this page does not know by its name", () => {
    expect(pollAdvice({ kind: "odd_kind", message: "x" }).what).toBe("odd_kind");
  });

  it("is told of no kind with the message alone", () => {
    expect(pollAdvice({ kind: "", message: "odd" })).toEqual({
      what: "The last poll failed",
      detail: "odd",
      advice: "",
    });
  });

  it("promises nothing where a source was only tried", () => {
    const { advice } = trialAdvice({ kind: "rate_limited", message: "429" });
    expect(advice).toBe("Try again later, or save it: creel asks when it may.");
    expect(trialAdvice({ kind: "not_found", message: "404" }).advice).toContain("nothing there");
  });

  it("names the credentials of a form that was tried", () => {
    const failure = { kind: "bad_auth", message: "401" };
    const advice = (filled: string[], empty: string[]) => trialAdvice(failure, { filled, empty }).advice;
    expect(advice(["client_id"], [])).toBe("Check the client id of this source.");
    expect(advice(["client_id"], ["token"])).toBe("Check the client id of this source.");
    expect(advice([], ["client_id"])).toBe("Fill in the client id that the server asks for.");
    expect(advice([], ["client_id", "token"])).toBe("Fill in the client id or the token that the server asks for.");
    expect(advice([], [])).toBe("Check the credentials of this source.");
  });

  it("is not asked of a source that is well", () => {
    expect(sourceTrouble(well)).toBeNull();
  });
});

describe("a next poll", () => {
  const polled = { ...well, reason: "timeout: 30 s", last_poll: "2026-02-01T10:00:00Z" };

  it("was put off if it comes later than the interval, since polls failed", () => {
    expect(isPutOff({ ...polled, next_poll: "2026-02-01T12:05:00Z" })).toBe(true);
  });

  it("was not if it comes in time, or the source is well", () => {
    expect(isPutOff({ ...polled, next_poll: "2026-02-01T11:06:00Z" })).toBe(false);
    expect(isPutOff({ ...polled, reason: null, next_poll: "2026-02-01T12:05:00Z" })).toBe(false);
    expect(isPutOff({ ...polled, state: "stopped", next_poll: null })).toBe(false);
  });
});
