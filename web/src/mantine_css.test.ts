import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { expect, it } from "vitest";

const page = join(process.cwd(), "src");
const library = join(process.cwd(), "node_modules/@mantine/core");
const notifications = join(process.cwd(), "node_modules/@mantine/notifications/esm");

/** All that the page, and its notifications, take from the library, by name. */
function usedNames(): Set<string> {
  const names = new Set<string>();
  for (const file of [...filesIn(page, /\.tsx?$/), ...filesIn(notifications, /\.mjs$/)]) {
    const text = readFileSync(file, "utf8");
    for (const [, list] of text.matchAll(/import\s*\{([^}]*)\}\s*from\s*"@mantine\/core"/g)) {
      for (const name of list!.split(",").map((one) => one.trim())) {
        if (name !== "" && !name.startsWith("type ")) names.add(name.split(" ")[0]!);
      }
    }
  }
  return names;
}

function filesIn(folder: string, name: RegExp): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.filter((file) => name.test(file)).map((file) => join(folder, file));
}

/** Where the library keeps each of its exports. */
function exportedFrom(): Map<string, string> {
  const found = new Map<string, string>();
  const index = readFileSync(join(library, "esm/index.mjs"), "utf8");
  for (const [, list, file] of index.matchAll(/import\s*\{([^}]*)\}\s*from\s*"(\.[^"]+)"/g)) {
    for (const name of list!.split(",")) found.set(name.trim().split(" ").at(-1)!, join(library, "esm", file!));
  }
  return found;
}

/** The stylesheets of a module and of all that it is made of. */
function stylesOf(module: string, seen: Set<string>, styles: Set<string>) {
  if (seen.has(module) || !existsSync(module)) return;
  seen.add(module);
  const own = /([A-Za-z]+)\.module\.mjs$/.exec(module)?.[1];
  if (own) styles.add(own);
  for (const [, file] of readFileSync(module, "utf8").matchAll(/from\s*"(\.[^"]+)"/g)) {
    stylesOf(resolve(dirname(module), file!), seen, styles);
  }
}

function listed(): string[] {
  const text = readFileSync(join(page, "mantine.css"), "utf8");
  return [...text.matchAll(/styles\/([\w-]+)\.css/g)].map(([, name]) => name!);
}

it("has the styles of every part of the library that the page uses", () => {
  const from = exportedFrom();
  const needed = new Set<string>();
  const seen = new Set<string>();
  for (const name of usedNames()) {
    const module = from.get(name);
    if (module) stylesOf(module, seen, needed);
  }
  expect([...needed]).toContain("Button");
  const missing = [...needed].filter((name) => !listed().includes(name));
  expect(missing, "lines that src/mantine.css lacks").toEqual([]);
});

it("has them in the library's order, in which later ones may change earlier ones", () => {
  const all = readFileSync(join(library, "styles.css"), "utf8");
  const places = listed()
    .map((name) => /m_[0-9a-f]+/.exec(readFileSync(join(library, `styles/${name}.css`), "utf8"))?.[0])
    .filter((first) => first !== undefined)
    .map((first) => all.indexOf(first));
  expect(places).toEqual([...places].sort((one, other) => one - other));
});
