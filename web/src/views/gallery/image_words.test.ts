import { describe, expect, test } from "vitest";

import { imageForTest } from "./image_for_test";
import { failedTries, isWebAddress, metaText, statusOf, typeName, unshownWords } from "./image_words";

const now = new Date("2026-01-10T12:00:00Z");

describe("tries that have failed", () => {
  test("are all but the one that stored the image", () => {
    expect(failedTries(imageForTest({ attempts: 1 }))).toBe(0);
    expect(failedTries(imageForTest({ attempts: 3 }))).toBe(2);
    expect(failedTries(imageForTest({ state: "deleted", attempts: 1 }))).toBe(0);
    expect(failedTries(imageForTest({ attempts: 0 }))).toBe(0);
  });

  test("are all of them while it is not stored", () => {
    expect(failedTries(imageForTest({ state: "failed", stored_at: null, attempts: 3 }))).toBe(3);
    expect(failedTries(imageForTest({ state: "pending", attempts: 1 }))).toBe(1);
    expect(failedTries(imageForTest({ state: "deleted", stored_at: null, attempts: 2 }))).toBe(2);
  });
});

describe("what is said in place of a picture", () => {
  test("of a stored image nothing", () => {
    expect(statusOf(imageForTest())).toBeNull();
  });

  test("why it failed", () => {
    const status = statusOf(
      imageForTest({ state: "failed", failure_kind: "not_found", failure_message: "answered 404" }),
    );
    expect(status).toEqual({ what: "Not found", why: "answered 404" });
  });

  test("when it is tried again, and after what", () => {
    const image = imageForTest({
      state: "pending",
      attempts: 2,
      failure_kind: "timeout",
      next_attempt_at: "2026-01-10T12:05:00Z",
    });
    expect(statusOf(image, now)).toEqual({ what: "Waiting", why: "Too slow; next try in 5 min" });
    expect(statusOf({ ...image, next_attempt_at: null }, now)?.why).toBe("Too slow; trying again");
  });

  test("of a new one only that it waits", () => {
    expect(statusOf(imageForTest({ state: "pending" }), now)).toEqual({ what: "Waiting", why: "" });
  });

  test("a type that browsers do not show is not called damaged", () => {
    expect(unshownWords(imageForTest({ type: "image/heic" })).why).toContain("image/heic");
    expect(unshownWords(imageForTest()).what).toBe("Cannot be shown");
  });
});

describe("addresses of strangers", () => {
  test.each(["https://a.example/", "HTTP://a.example"])("%s may be a link", (address) => {
    expect(isWebAddress(address)).toBe(true);
  });

  test.each(["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " https://a.example", ""])(
    "%s may not",
    (address) => {
      expect(isWebAddress(address)).toBe(false);
    },
  );
});

test("types are named as people say them", () => {
  expect(typeName("image/jpeg")).toBe("JPEG");
  expect(typeName("image/webp")).toBe("WEBP");
  expect(typeName("image/svg+xml")).toBe("SVG");
});

describe("metadata", () => {
  test("a list of texts is read without its brackets", () => {
    expect(metaText('["paperworlds"]')).toBe("paperworlds");
    expect(metaText('["sea","old town"]')).toBe("sea, old town");
  });

  test("everything else stays as it is", () => {
    for (const value of ["plain", "[1,2]", "[not JSON", '{"a":1}', "[draft] sea"]) expect(metaText(value)).toBe(value);
    expect(metaText(null)).toBeNull();
  });
});
