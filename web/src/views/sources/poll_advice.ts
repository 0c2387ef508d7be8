import type { FailureKind, Source } from "@/api/client";
import { failureWords } from "@/format/failures";

export interface Advice {
  /** A few words for a heading. */
  what: string;
  /** What the other side said, as far as it says more than the heading. */
  detail: string;
  /** What the person can do, or that nothing needs to be done. */
  advice: string;
}

/** Why a poll failed, as the backend writes it down. */
export interface Reason {
  kind: string;
  message: string;
}

/** What can be done about a poll that failed: it differs from what can be done about an image. */
const polls: Partial<Record<FailureKind, string>> = {
  bad_url: "Correct the address.",
  blocked_address:
    "creel does not ask private networks unless it is started with --allow-private-network. Correct the address, or start creel so.",
  dns: "Check the address for typing errors. If it is right, the server may be gone.",
  connect: "The server does not answer. creel tries again at the next poll.",
  tls: "The server's certificate cannot be trusted. Check that the address is right.",
  timeout: "The server took too long. creel tries again at the next poll.",
  redirected: "The address leads in a circle or too far. Open it in a browser, and use the one where it ends.",
  bad_request: "The server, or the program, could not make sense of it. Check the address and the settings.",
  forbidden:
    "The server does not let us in. It may want a token, or refuse the network that creel runs in. Check the settings.",
  not_found: "There is nothing there. Check the address and the settings for typing errors.",
  rate_limited: "Nothing to do: creel waits as long as it was asked to, and then goes on by itself.",
  server_error: "The server is in trouble. creel tries again at the next poll, and waits longer each time.",
  truncated: "The answer did not arrive whole. creel tries again at the next poll.",
  too_large: "The answer is larger than creel reads. Ask for smaller pages if the settings can say so.",
  not_an_image: "What came is of another type than this kind of source reads. Check the address.",
  cancelled: "Nothing to do: the poll was cut short, and another one follows.",
  internal: "This is a fault in creel: please report it with the log.",
};

const gone: Omit<Advice, "detail"> = {
  what: "Gone for good",
  advice: "The server says that this is not coming back. Correct the address, or delete the source; its images stay.",
};

/** "bad_auth: the Client-ID was refused" in its two parts. */
export function readReason(reason: string): Reason {
  const parts = /^([a-z_]+): ([\s\S]*)$/.exec(reason);
  return { kind: parts?.[1] ?? "", message: parts?.[2] ?? reason };
}

/** What a failed poll means, and what can be done about it. */
export function pollAdvice({ kind, message }: Reason, secrets: string[] = []): Advice {
  if (kind === "gone") return { ...gone, detail: message };
  if (kind === "bad_auth") return { what: "Credentials refused", detail: message, advice: credentials(secrets) };
  const advice = polls[kind as FailureKind];
  if (advice === undefined && kind === "") return { what: "The last poll failed", detail: message, advice: "" };
  const words = failureWords(kind as FailureKind);
  return { what: words.what, detail: message, advice: advice ?? words.advice };
}

function credentials(secrets: string[]): string {
  if (secrets.length === 0) return "Check the credentials of this source.";
  return `Check the ${listed(secrets, "and")} of this source.`;
}

function listed(names: string[], link: "and" | "or"): string {
  return names.map((name) => name.replaceAll("_", " ")).join(` ${link} the `);
}

/** Why a source is not at work as it should be; null if all is well with it. */
export function sourceTrouble(source: Source): Advice | null {
  if (source.reason === null || source.reason === "") return null;
  const reason = readReason(source.reason);
  const known = pollAdvice(reason, secretsOf(source));
  if (source.state !== "stopped") return known;
  // One that was stopped does not try again by itself, whatever the reason was.
  return { ...known, advice: `${withoutWaiting(known.advice)} ${again(reason.kind)}`.trim() };
}

/** More than the interval and the chance that is added to it. */
const clearlyLonger = 1.25;

/** Whether the next poll comes later than the interval says, since polls have failed. */
export function isPutOff({ state, reason, interval, last_poll, next_poll }: Source): boolean {
  if (state !== "idle" || !reason || last_poll === null || next_poll === null) return false;
  const wait = (new Date(next_poll).getTime() - new Date(last_poll).getTime()) / 1000;
  return wait > interval * clearlyLonger;
}

const promise = /(creel tries again at the next poll|Nothing to do)[^.]*\./;

function withoutWaiting(advice: string): string {
  return advice.replace(promise, "").trim();
}

/** The settings of a form that hold a secret, by name: those with a value, and those without. */
export interface SecretFields {
  filled: string[];
  empty: string[];
}

/** What can be done when a source was tried, which nobody does again by himself. */
export function trialAdvice(failure: Reason, { filled, empty }: SecretFields = { filled: [], empty: [] }): Advice {
  const known = pollAdvice(failure, filled);
  if (failure.kind === "bad_auth" && filled.length === 0 && empty.length > 0) {
    return { ...known, advice: `Fill in the ${listed(empty, "or")} that the server asks for.` };
  }
  if (!promise.test(known.advice)) return known;
  return {
    ...known,
    advice: `${withoutWaiting(known.advice)} Try again later, or save it: creel asks when it may.`.trim(),
  };
}

/** Whether a trial failed by what the program makes of an answer that came, and that is shown to whoever writes it. */
export function isAboutRecords(trial: {
  records: readonly unknown[];
  shape: string | null;
  failure: Reason | null;
}): boolean {
  return trial.records.length === 0 && trial.shape !== null && trial.failure?.kind === "bad_request";
}

function again(kind: string): string {
  if (kind === "gone") return "";
  return kind === "bad_auth" || kind === "forbidden"
    ? "Then start the source again."
    : "Start the source to try again.";
}

/** The settings that hold a secret, by name. */
function secretsOf(source: Source): string[] {
  return Object.entries(source.settings as Record<string, unknown>)
    .filter(([, value]) => value === "***")
    .map(([name]) => name);
}
