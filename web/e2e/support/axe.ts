import { expect, type Page } from "@playwright/test";
import axe from "axe-core";

/** Nothing of what is shown moves any more; what never ends (a spinner) is not waited for. */
export async function standsStill(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const nextFrame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    const running = () =>
      document
        .getAnimations()
        .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity && one.playState === "running");
    // What has just come into the page begins to move some frames later.
    let still = 0;
    while (still < 5) {
      await nextFrame();
      const moving = running();
      still = moving.length === 0 ? still + 1 : 0;
      await Promise.all(moving.map((one) => one.finished.catch(() => {})));
    }
  });
}

/** axe finds nothing serious or critical in what is shown. */
export async function expectAccessible(page: Page): Promise<void> {
  await standsStill(page);
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => window.axe.run());
  const bad = found.violations
    .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
    .map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((node) => `${node.html} ${node.failureSummary}`) }));
  expect(bad).toEqual([]);
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
