import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

const css = readFileSync(join(process.cwd(), "src/page.css"), "utf8");

/** What the rule of an element says. */
function ruleOf(element: string): string {
  return new RegExp(`(?:^|\\n)${element} \\{([^}]*)\\}`).exec(css)?.[1] ?? "";
}

it("gives the room that is kept for the scroll bar the page's ground", () => {
  expect(ruleOf("html")).toContain("scrollbar-gutter: stable;");
  expect(ruleOf("html")).toContain("background: var(--creel-page);");
  expect(ruleOf("body")).toContain("background: var(--creel-page);");
});
