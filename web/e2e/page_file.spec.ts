import { expect, test } from "./support/test";

/** Compressed bytes of everything that is loaded until the gallery of an empty backend is there, and stays so. */
const mostBytes = 250_000;

test("the first load is under 250 KB as it comes over the wire", async ({ page, visit, context }) => {
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  let bytes = 0;
  network.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await visit("/");
  await expect(page.getByRole("heading", { level: 1, name: "Gallery" })).toBeAttached();
  await page.waitForLoadState("load");

  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(mostBytes);
});

test("the page's policy lets only its own files be scripts, and nothing run that stands in a page", async ({
  backend,
}) => {
  const response = await fetch(backend.url);
  const policy = Object.fromEntries(
    (response.headers.get("Content-Security-Policy") ?? "").split(";").map((directive) => {
      const [name = "", ...values] = directive.trim().split(/\s+/);
      return [name, values];
    }),
  );
  expect(policy["default-src"]).toEqual(["'none'"]);
  expect(policy["script-src"]).toEqual(["'self'"]);
  expect(policy["connect-src"]).toEqual(["'self'"]);
  expect(policy["frame-ancestors"]).toEqual(["'none'"]);
  expect(policy["base-uri"]).toEqual(["'none'"]);
  expect(policy["style-src"]).toEqual(["'self'", expect.stringMatching(/^'nonce-[A-Za-z0-9+/_=-]{16,}'$/)]);
  expect(policy).not.toHaveProperty("object-src");
  expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
});

test("each load of the page has a nonce of its own", async ({ backend }) => {
  const nonce = async () => {
    const response = await fetch(backend.url);
    return /'nonce-([^']+)'/.exec(response.headers.get("Content-Security-Policy") ?? "")?.[1];
  };
  expect(await nonce()).not.toBe(await nonce());
});

test("a script that gets into the page does not run", async ({ page, visit, watch }) => {
  await visit("/");
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.strangerRan = true";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", '<img src="data:," onerror="window.strangerRan = true">');
  });
  await expect.poll(() => watch.troubles.splice(0).join("\n")).toMatch(/content security policy/i);
  expect(await page.evaluate(() => "strangerRan" in window)).toBe(false);
});

test("the page's files have names that change with their bytes, and are kept for long", async ({ backend }) => {
  const page = await fetch(backend.url);
  expect(page.headers.get("Cache-Control")).toMatch(/no-cache|no-store/);
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1];
  expect(script).toMatch(/-[A-Za-z0-9_-]{8}\.js$/);
  const file = await fetch(backend.url + script);
  expect(file.headers.get("Cache-Control")).toMatch(/immutable/);
  expect(file.headers.get("Content-Encoding")).toBe("gzip");
});
