import { afterEach, describe, expect, it } from "vitest";

import { ApiError } from "@/api/client";
import { signInFault, takeTokenFromAddress, tokenFault, tokenIn } from "@/api/session";

afterEach(() => window.history.replaceState(null, "", "/"));

describe("takeTokenFromAddress", () => {
  it("takes the token out of the address and leaves the rest", () => {
    window.history.replaceState(null, "", "/?view=sources#token=a.b.c");
    expect(takeTokenFromAddress()).toBe("a.b.c");
    expect(window.location.href).toBe(`${window.location.origin}/?view=sources`);
  });

  it("leaves no entry with the token in the history", () => {
    window.history.replaceState(null, "", "/#token=a.b.c");
    const entries = window.history.length;
    takeTokenFromAddress();
    expect(window.history.length).toBe(entries);
  });

  it("leaves another fragment alone", () => {
    window.history.replaceState(null, "", "/#content");
    expect(takeTokenFromAddress()).toBeNull();
    expect(window.location.hash).toBe("#content");
  });
});

describe("tokenIn", () => {
  it.each([
    ["a.b.c", "a.b.c"],
    ["  a.b.c \n", "a.b.c"],
    ["http://127.0.0.1:8080/#token=a.b.c", "a.b.c"],
    ["Open http://127.0.0.1:8080/?view=add#token=a.b-_.c\n", "a.b-_.c"],
    ["#token=a.b.c", "a.b.c"],
    ["Bearer a.b.c", "a.b.c"],
    ["a.b\n.c", "a.b.c"],
  ])("finds the token in %j", (pasted, token) => {
    expect(tokenIn(pasted)).toBe(token);
  });
});

describe("tokenFault", () => {
  it("has nothing against a token", () => {
    expect(tokenFault("eyJh.eyJz-_9.c2ln")).toBeNull();
  });

  it.each(["", "password", "a.b", "a.b.c.d", "a.b.ü", "http://127.0.0.1:8080/"])(
    "tells that %j is no token",
    (text) => {
      expect(tokenFault(text)).toMatch(/not a token/);
    },
  );

  it("tells of a token that no cookie can hold how long it is", () => {
    expect(tokenFault(`a.${"b".repeat(3896)}.c`)).toBeNull();
    expect(tokenFault(`a.${"b".repeat(3897)}.c`)).toMatch(/3901 characters.*3900 fit/);
  });
});

describe("signInFault", () => {
  it("says why a token is refused and what to do", () => {
    expect(signInFault(new ApiError(401, "the token has expired"))).toBe(
      "The token has expired. Sign in with a new token.",
    );
  });

  it("does not blame the token where the backend cannot be reached", () => {
    expect(signInFault(new ApiError(0, "The backend cannot be reached."))).toBe("The backend cannot be reached.");
  });
});
