import { expect, test as base } from "@playwright/test";

import { Backend, type Scope } from "./backend";
import { Origin } from "./origin";
import { Watch } from "./watch";

interface Fixtures {
  /** Further flags of `creel serve`: `test.use({ flags: [...] })`. */
  flags: string[];
  backend: Backend;
  origin: Origin;
  /** Another host, for what a host does to all of its sources: one that asks to be left alone is left alone by all. */
  otherOrigin: Origin;
  /** Every test fails by what it saw that the test did not expect. */
  watch: Watch;
  /** Opens the page at an address of its own ("/?view=sources"), signed in. */
  visit: (address?: string, scope?: Scope) => Promise<void>;
}

function startedOrigin() {
  // Playwright reads from the first parameter what a fixture needs: nothing.
  return async ({}, give: (origin: Origin) => Promise<void>) => {
    const origin = await Origin.start();
    await give(origin);
    await origin.end();
  };
}

export const test = base.extend<Fixtures>({
  flags: [[], { option: true }],

  backend: async ({ flags }, give, info) => {
    const backend = await Backend.start(...flags);
    await give(backend);
    await backend.end();
    if (info.status !== info.expectedStatus) await info.attach("creel.log", { body: backend.log });
  },

  origin: startedOrigin(),
  otherOrigin: startedOrigin(),

  watch: [
    // It is set up after the backend, and so has its say before that one ends, which the page would complain about.
    async ({ context, backend: _ }, give) => {
      const watch = new Watch(context);
      await give(watch);
      await Promise.all(context.pages().map((page) => page.close()));
      expect(watch.troubles, "the browser has nothing to complain about").toEqual([]);
    },
    { auto: true },
  ],

  visit: async ({ backend, page, context }, give) => {
    const signedIn = new Set<Scope>();
    await give(async (address = "/", scope = "write") => {
      if (!signedIn.has(scope)) {
        const headers = { Authorization: `Bearer ${await backend.token(scope)}` };
        const answer = await context.request.post(`${backend.url}/session`, { headers });
        expect(answer.status()).toBe(200);
        signedIn.add(scope);
      }
      await page.goto(backend.url + address);
    });
  },
});

export { expect };
