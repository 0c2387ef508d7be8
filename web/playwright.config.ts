import { defineConfig } from "@playwright/test";

// Debian's Chromium drives the program that is shipped. Whatever the tests need listens on loopback, on ports that are
// free, and no other host can be reached.
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.PLAYWRIGHT_JUNIT_OUTPUT_FILE),
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    browserName: "chromium",
    actionTimeout: 15_000,
    viewport: { width: 1280, height: 800 },
    locale: "en-US",
    timezoneId: "UTC",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CREEL_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"],
    },
  },
  projects: [
    { name: "page", testMatch: "**/*.spec.ts" },
    // Makes the pictures of the README; run by `npm run screenshots` alone, since it changes kept files.
    { name: "screenshots", testMatch: "**/*.shots.ts" },
    // Takes minutes, and asserts nothing of time: `scripts/bench page`.
    { name: "measure", testMatch: "**/*.measure.ts" },
  ],
});
