import { describe, expect, it } from "vitest";

import { ApiError, type Source } from "@/api/client";
import {
  changedBody,
  emptyForm,
  errorAt,
  errorsElsewhere,
  formErrors,
  formOf,
  hasSecret,
  newBody,
  readHeaders,
  secretFields,
  testedBody,
} from "@/views/sources/source_form_state";
import type { SettingSpec, SourceType } from "@/views/sources/source_words";

function setting(name: string, type: SettingSpec["type"], more: Partial<SettingSpec> = {}): SettingSpec {
  return {
    name,
    label: name,
    type,
    required: false,
    default: null,
    help: "",
    choices: [],
    min: null,
    max: null,
    ...more,
  };
}

const kind: SourceType = {
  name: "imgur",
  label: "Imgur",
  help: "",
  url: "optional",
  example_url: null,
  polled: true,
  interval: 3600,
  rate_limit: 60,
  preset: false,
  settings: [
    setting("tag", "text"),
    setting("client_id", "secret"),
    setting("sort", "one_of", { default: "time", choices: ["time", "top"] }),
    setting("animations", "boolean", { default: false }),
    setting("max_pages", "integer", { default: 20 }),
    setting("headers", "headers"),
    setting("tags", "text_list"),
  ],
};

function settings(values: Record<string, unknown>): Source["settings"] {
  return values as Source["settings"];
}

const source: Source = {
  id: 1,
  name: "sea",
  type: "imgur",
  url: null,
  interval: 7200,
  rate_limit: 60,
  state: "idle",
  blocked_until: null,
  reason: null,
  last_poll: null,
  next_poll: null,
  counts: { pending: 0, storing: 0, stored: 0, failed: 0, deleted: 0 },
  settings: settings({
    tag: "sea",
    client_id: "***",
    sort: "time",
    animations: true,
    max_pages: 20,
    headers: { Accept: "image/png" },
    tags: ["a"],
  }),
};

describe("the secrets of a form", () => {
  it("are filled when they were typed, or are held already and not to be forgotten", () => {
    const typed = emptyForm(kind);
    expect(secretFields(typed, kind, null)).toEqual({ filled: [], empty: ["client_id"] });
    typed.settings["client_id"] = "abc";
    expect(secretFields(typed, kind, null)).toEqual({ filled: ["client_id"], empty: [] });
    const held = formOf(source, kind);
    expect(secretFields(held, kind, source)).toEqual({ filled: ["client_id"], empty: [] });
    held.removedSecrets = ["client_id"];
    expect(secretFields(held, kind, source)).toEqual({ filled: [], empty: ["client_id"] });
  });
});

describe("the body of a new source", () => {
  it("names what was typed, and leaves the rest to the defaults", () => {
    const form = emptyForm(kind);
    form.name = " sea ";
    form.settings["tag"] = "lighthouse";
    expect(newBody(form, kind)).toEqual({
      name: "sea",
      type: "imgur",
      start: true,
      settings: { tag: "lighthouse" },
    });
  });

  it("holds each type of setting as the API takes it", () => {
    const form = emptyForm(kind);
    Object.assign(form.settings, {
      client_id: "abc",
      sort: "top",
      animations: true,
      max_pages: "5",
      headers: "Accept: image/png\nX-Key:  a:b ",
      tags: ["one", "two"],
    });
    expect(testedBody(form, kind).settings).toEqual({
      client_id: "abc",
      sort: "top",
      animations: true,
      max_pages: 5,
      headers: { Accept: "image/png", "X-Key": "a:b" },
      tags: ["one", "two"],
    });
  });

  it("holds address, interval and limit only if they were given", () => {
    const form = { ...emptyForm(kind), url: " https://a.example/ ", interval: "90", rateLimit: "5" };
    expect(testedBody(form, kind)).toMatchObject({ url: "https://a.example/", interval: 90, rate_limit: 5 });
    expect(testedBody({ ...form, interval: "2h" }, kind).interval).toBe("2h");
    expect(testedBody(emptyForm(kind), kind)).toEqual({ type: "imgur", settings: {} });
  });

  it("says that there is no limit where the kind has one", () => {
    expect(testedBody({ ...emptyForm(kind), hasNoRateLimit: true }, kind).rate_limit).toBeNull();
  });

  it("has no address for a kind that has none", () => {
    const form = { ...emptyForm(kind), url: "https://a.example/" };
    expect(testedBody(form, { ...kind, url: "none" }).url).toBeUndefined();
  });
});

describe("the form of a source that there is", () => {
  const form = formOf(source, kind);

  it("shows what differs from the defaults", () => {
    expect(form).toMatchObject({ name: "sea", url: "", interval: "2h", rateLimit: "" });
    expect(form.settings).toMatchObject({ tag: "sea", max_pages: "", animations: true, headers: "Accept: image/png" });
  });

  it("never shows a secret", () => {
    expect(form.settings["client_id"]).toBe("");
    expect(hasSecret(source, "client_id")).toBe(true);
    expect(hasSecret({ ...source, settings: settings({ client_id: null }) }, "client_id")).toBe(false);
  });

  it("makes an empty change while nothing was typed", () => {
    expect(changedBody(form, source, kind)).toEqual({});
  });

  it("changes only what was typed", () => {
    const changed = { ...form, name: "ocean", settings: { ...form.settings, sort: "top" } };
    expect(changedBody(changed, source, kind)).toEqual({ name: "ocean", settings: { sort: "top" } });
  });

  it("puts what was emptied back to its default", () => {
    const emptied = { ...form, interval: "", settings: { ...form.settings, tag: "", headers: "", tags: [] } };
    expect(changedBody(emptied, source, kind)).toEqual({
      interval: 3600,
      settings: { tag: null, headers: null, tags: null },
    });
  });

  it("gives a flag back that differs from its default no more", () => {
    const changed = { ...form, settings: { ...form.settings, animations: false } };
    expect(changedBody(changed, source, kind)).toEqual({ settings: { animations: null } });
  });

  it("replaces a secret, or takes it away", () => {
    const typed = { ...form, settings: { ...form.settings, client_id: "new" } };
    expect(changedBody(typed, source, kind).settings).toEqual({ client_id: "new" });
    expect(changedBody({ ...form, removedSecrets: ["client_id"] }, source, kind).settings).toEqual({ client_id: null });
  });

  it("takes the limit away, changes it, or puts it back", () => {
    expect(changedBody({ ...form, hasNoRateLimit: true }, source, kind)).toEqual({ rate_limit: null });
    expect(changedBody({ ...form, rateLimit: "5" }, source, kind)).toEqual({ rate_limit: 5 });
    const unlimited = { ...source, rate_limit: null };
    const back = { ...formOf(unlimited, kind), hasNoRateLimit: false };
    expect(changedBody(back, unlimited, kind)).toEqual({ rate_limit: 60 });
  });
});

describe("headers", () => {
  it("are read line by line, and the first that is none is named", () => {
    expect(readHeaders("A: 1\n\nnonsense\nmore\nB:2")).toEqual({ headers: { A: "1", B: "2" }, wrong: "nonsense" });
  });

  it("are refused by the form before they are sent", () => {
    const form = emptyForm(kind);
    form.settings["headers"] = "Accept image/png";
    expect(formErrors(form, kind)["/settings/headers"]).toContain("Accept image/png");
    expect(formErrors(emptyForm(kind), kind)).toEqual({});
  });
});

describe("what the backend says is wrong", () => {
  const error = new ApiError(400, "The request is not valid", {
    type: "urn:creel:problem:invalid-request",
    title: "The request is not valid",
    status: 400,
    detail: "",
    errors: [
      { pointer: "/settings/tag", detail: "is missing" },
      { pointer: "/settings/headers/Accept", detail: "must be one line" },
      { pointer: "/other", detail: "is unknown" },
    ],
  });

  it("lands on its field, also from within it", () => {
    expect(errorAt(error, "/settings/tag")).toBe("is missing");
    expect(errorAt(error, "/settings/headers")).toBe("Accept: must be one line");
    expect(errorAt(error, "/settings/tags")).toBeUndefined();
    expect(errorAt(null, "/settings/tag")).toBeUndefined();
  });

  it("stands above the form if no field shows it", () => {
    expect(errorsElsewhere(error, ["/settings/tag", "/settings/headers"])).toEqual(["other: is unknown"]);
    expect(errorsElsewhere(new ApiError(0, "cannot be reached"), [])).toEqual(["cannot be reached"]);
    expect(errorsElsewhere(null, [])).toEqual([]);
  });
});
