import { expect, it } from "vitest";

import { failureCounts } from "./failure_counts";

it("puts the most frequent failure first and leaves out those of no image", () => {
  expect(failureCounts({ timeout: 3, dns: 0, not_found: 9, connect: 3 })).toEqual([
    { kind: "not_found", images: 9 },
    { kind: "connect", images: 3 },
    { kind: "timeout", images: 3 },
  ]);
});
