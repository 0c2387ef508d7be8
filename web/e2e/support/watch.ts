import type { BrowserContext, ConsoleMessage } from "@playwright/test";

/**
 * What goes wrong in the browser while a test runs: errors and warnings of the console, in which Chromium also tells of
 * everything that the page's policy refused, and exceptions that nothing caught.
 */
export class Watch {
  private readonly seen: string[] = [];
  private readonly expected: RegExp[] = [];

  constructor(context: BrowserContext) {
    context.on("console", (message) => this.hear(message));
    context.on("weberror", (error) => this.seen.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  }

  /** The test wants loads of such addresses to fail: Chromium tells of each in the console. */
  expectFailedLoads(address: RegExp): void {
    this.expected.push(address);
  }

  /** Everything that was not expected. */
  get troubles(): string[] {
    return this.seen;
  }

  private hear(message: ConsoleMessage): void {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const { url, lineNumber } = message.location();
    const isFailedLoad = message.text().startsWith("Failed to load resource:");
    if (isFailedLoad && this.expected.some((address) => address.test(url))) return;
    this.seen.push(`console ${message.type()}: ${message.text()} (${url}:${lineNumber})`);
  }
}
