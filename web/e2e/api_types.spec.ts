import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "./support/test";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

test("the page's types of the API are those of the running program", async ({ backend }, info) => {
  const description = info.outputPath("openapi.json");
  const made = info.outputPath("schema.d.ts");
  await writeFile(description, JSON.stringify(await backend.call("GET", "/openapi.json")));
  await promisify(execFile)(process.execPath, [
    here("../node_modules/openapi-typescript/bin/cli.js"),
    description,
    "-o",
    made,
  ]);
  const kept = await readFile(here("../src/api/schema.d.ts"), "utf8");
  expect(
    kept === (await readFile(made, "utf8")),
    `src/api/schema.d.ts is not what /openapi.json says: OPENAPI=${description} npm run api`,
  ).toBe(true);
});
