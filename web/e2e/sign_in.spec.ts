import type { Page } from "@playwright/test";

import { expect, test } from "./support/test";

/** What scripts of the page could read, and so send away. */
function readableByScripts(page: Page): Promise<string> {
  return page.evaluate(() =>
    JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]),
  );
}

const navigation = (page: Page) => page.getByRole("navigation").getByRole("link", { name: "Sources" });
const tokenField = (page: Page) => page.getByRole("textbox", { name: /token/i });

test("the link with a token signs in, and the token is in no address, history or storage after that", async ({
  backend,
  page,
}) => {
  const token = await backend.token("write");
  await page.goto("about:blank");
  await page.goto(`${backend.url}/?view=sources#token=${token}`);
  await expect(page.getByRole("heading", { level: 1, name: "Sources" })).toBeVisible();

  expect(page.url()).toBe(`${backend.url}/?view=sources`);
  expect(await readableByScripts(page)).not.toContain(token);

  await page.goBack();
  await expect(page).toHaveURL("about:blank");
  await page.goForward();
  await expect(navigation(page)).toBeVisible();
  expect(page.url()).toBe(`${backend.url}/?view=sources`);
});

test("the token of the link is sent in a header alone and logged nowhere", async ({ backend, page }) => {
  const token = await backend.token("write");
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url(), request.headers().referer ?? ""));
  await page.goto(`${backend.url}/#token=${token}`);
  await expect(navigation(page)).toBeVisible();

  expect(addresses.filter((address) => address.includes(token))).toEqual([]);
  expect(backend.log).not.toContain(token);
});

test("the session's cookie is out of the reach of scripts and of other sites", async ({ backend, page, context }) => {
  await page.goto(`${backend.url}/#token=${await backend.token("write")}`);
  await expect(navigation(page)).toBeVisible();

  const cookies = await context.cookies();
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: "Strict" });
});

test("who has no session is asked for a token, and a pasted one signs in", async ({ backend, page }) => {
  await page.goto(`${backend.url}/?view=sources`);
  const token = await backend.token("write");
  await tokenField(page).fill(`  ${token}\n`);
  await page.getByRole("button", { name: "Sign in" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Sources" })).toBeVisible();
  expect(page.url()).toBe(`${backend.url}/?view=sources`);
  expect(await readableByScripts(page)).not.toContain(token);

  await page.reload();
  await expect(navigation(page)).toBeVisible();
});

test("a token that is wrong is refused with its reason, and another can be given", async ({ backend, page, watch }) => {
  watch.expectFailedLoads(/\/session$/);
  await page.goto(backend.url);
  await tokenField(page).fill("not.a.token");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Sign in with a new token.")).toBeVisible();

  await tokenField(page).fill(await backend.token("read"));
  await page.keyboard.press("Enter");
  await expect(navigation(page)).toBeVisible();
});

test("a link whose token has expired says so and leaves no token behind", async ({ backend, page, watch }) => {
  watch.expectFailedLoads(/\/session$/);
  await page.goto(`${backend.url}/#token=${await backend.expiredToken()}`);

  await expect(page.getByText(/expired/i)).toBeVisible();
  await expect(tokenField(page)).toBeVisible();
  expect(page.url()).toBe(`${backend.url}/`);
});

test("who signs out is asked for a token again", async ({ backend, page, visit, context, watch }) => {
  watch.expectFailedLoads(new RegExp(`^${backend.url}`));
  await visit("/?view=activity");
  await page.getByRole("button", { name: "Session" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();

  await expect(tokenField(page)).toBeVisible();
  expect(await context.cookies()).toEqual([]);
});

test("what was typed and not sent goes with the session", async ({ page, visit, backend, watch }) => {
  watch.expectFailedLoads(/\/session$/);
  await visit("/?view=add");
  const urls = page.getByRole("textbox", { name: "URLs of images" });
  await urls.fill("https://example.com/mine.jpg");
  await page.getByRole("button", { name: "Session" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  const field = page.getByRole("textbox", { name: /token/i });
  await field.fill(await backend.token("write"));
  await field.press("Enter");
  await expect(urls).toHaveValue("");
});
