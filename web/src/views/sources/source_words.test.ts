import { describe, expect, it } from "vitest";

import {
  asSentence,
  everyText,
  fieldMessage,
  intervalText,
  isAdvanced,
  kindGroups,
  type SettingSpec,
  type SourceType,
  suggestedName,
  typeLabel,
} from "@/views/sources/source_words";

function setting(name: string, more: Partial<SettingSpec> = {}): SettingSpec {
  return {
    name,
    label: name,
    type: "text",
    required: false,
    default: null,
    help: "",
    choices: [],
    min: null,
    max: null,
    ...more,
  };
}

function kind(name: string, settings: SettingSpec[] = [], preset = false): SourceType {
  return {
    name,
    label: name,
    help: "",
    url: "none",
    example_url: null,
    interval: 3600,
    rate_limit: null,
    settings,
    preset,
    polled: true,
  };
}

describe("a kind's name", () => {
  it("is that of its form, or its own while that is not known", () => {
    expect(typeLabel([{ ...kind("nasa-apod"), label: "NASA picture of the day" }], "nasa-apod")).toBe(
      "NASA picture of the day",
    );
    expect(typeLabel(undefined, "nasa-apod")).toBe("nasa-apod");
  });
});

describe("the kinds that are offered", () => {
  const groups = kindGroups([
    kind("feed"),
    kind("json"),
    { ...kind("direct"), polled: false },
    kind("imgur"),
    kind("xkcd", [], true),
    kind("list"),
  ]);

  it("begin with the well-known ones, and name presets of one's own after them", () => {
    expect(groups.wellKnown.map((type) => type.name)).toEqual(["imgur", "feed", "xkcd"]);
  });

  it("end with those that need to be told more", () => {
    expect(groups.general.map((type) => type.name)).toEqual(["json", "list"]);
  });
});

describe("texts about settings", () => {
  it("make sentences of lines of help", () => {
    expect(asSentence('without "r/"')).toBe('Without "r/".');
    expect(asSentence("Sent when the feed is fetched.")).toBe("Sent when the feed is fetched.");
    expect(asSentence("")).toBe("");
  });

  it("put the label before what is said about a field", () => {
    expect(fieldMessage("Tag", "is missing: give a tag or an album")).toBe("Tag is missing: give a tag or an album.");
  });

  it("leave whole messages as they are", () => {
    expect(fieldMessage("Name", "there is a source 'cats' already")).toBe("There is a source 'cats' already.");
  });

  it("speak of removing where the API speaks of null", () => {
    const said = "give it again, or null to take it away, since the address it is sent to has changed";
    expect(fieldMessage("Token", said)).toBe(
      "Give it again, or remove it, since the address it is sent to has changed.",
    );
  });
});

describe("settings that most people leave alone", () => {
  it("are limits and the like", () => {
    expect(isAdvanced(setting("max_pages", { type: "integer" }))).toBe(true);
    expect(isAdvanced(setting("api_url", { type: "url" }))).toBe(true);
    expect(isAdvanced(setting("cursor_param"))).toBe(true);
  });

  it("are never those that are needed", () => {
    expect(isAdvanced(setting("number", { type: "integer", required: true }))).toBe(false);
    expect(isAdvanced(setting("tag"))).toBe(false);
    expect(isAdvanced(setting("client_id", { type: "secret" }))).toBe(false);
  });
});

describe("intervals", () => {
  it("are written as the field takes them", () => {
    expect(intervalText(3600)).toBe("1h");
    expect(intervalText(5400)).toBe("90m");
    expect(intervalText(172_800)).toBe("2d");
    expect(intervalText(90)).toBe("90s");
  });

  it("are read as words", () => {
    expect(everyText(3600)).toBe("every hour");
    expect(everyText(900)).toBe("every 15 minutes");
  });
});

describe("the suggested name", () => {
  const imgur = kind("imgur", [setting("tag")]);
  const feed = kind("feed");

  it("is what is looked for", () => {
    expect(suggestedName(imgur, { url: "", settings: { tag: "lighthouse" } }, [])).toBe("lighthouse");
    expect(suggestedName(imgur, { url: "", settings: { tags: ["sea", "coast"] } }, [])).toBe("sea coast");
  });

  it("is an album's last part", () => {
    expect(suggestedName(imgur, { url: "", settings: { album: "https://imgur.com/a/abc12/" } }, [])).toBe("abc12");
  });

  it("is the host of an address, or the file", () => {
    expect(suggestedName(feed, { url: "https://www.blog.example/feed.xml", settings: {} }, [])).toBe("blog.example");
    expect(suggestedName(feed, { url: "/srv/lists/harbour.csv", settings: {} }, [])).toBe("harbour");
  });

  it("is nothing while an address is not finished or nothing is typed", () => {
    expect(suggestedName(feed, { url: "blog", settings: {} }, [])).toBe("");
    expect(suggestedName(imgur, { url: "", settings: { tag: "" } }, [])).toBe("");
  });

  it("is the kind's own if there is nothing else to call it by", () => {
    expect(suggestedName(kind("nasa-apod"), { url: "", settings: {} }, [])).toBe("nasa-apod");
  });

  it("is counted on where another source has it", () => {
    expect(suggestedName(imgur, { url: "", settings: { tag: "sea" } }, ["sea", "sea 2"])).toBe("sea 3");
  });

  it("keeps to the longest name there may be", () => {
    expect(suggestedName(imgur, { url: "", settings: { tag: "x".repeat(300) } }, []).length).toBeLessThanOrEqual(100);
  });
});
