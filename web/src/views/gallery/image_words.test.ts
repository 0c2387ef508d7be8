import { describe, expect, test } from "vitest";

import { imageForTest } from "./image_for_test";
import { isWebAddress, nameOf, statusOf, typeName, unshownWords } from "./image_words";

const now = new Date("2026-01-10T12:00:00Z");

describe("what an image is called", () => {
  test("by its title, else by its file, else by its id at the source", () => {
    expect(nameOf(imageForTest({ title: "Sunset" }))).toBe("Sunset");
    expect(nameOf(imageForTest({ title: "  ", file_name: "sun.png" }))).toBe("sun.png");
    expect(nameOf(imageForTest({ title: null, file_name: "", image_id: "abc" }))).toBe("abc");
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
