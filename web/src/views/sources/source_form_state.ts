import { ApiError, type Source } from "@/api/client";
import type { components } from "@/api/schema";
import type { SecretFields } from "@/views/sources/poll_advice";
import { intervalText, type SettingSpec, type SourceType } from "@/views/sources/source_words";

type NewSource = components["schemas"]["NewSource"];
type TestedSource = components["schemas"]["TestedSource"];
type ChangedSource = components["schemas"]["ChangedSource"];

export type SettingValue = string | boolean | string[];

/** What stands in the form's fields. An empty text is a field that was left alone: the default holds. */
export interface SourceForm {
  /** Null until somebody types one: then the one that is suggested holds. */
  name: string | null;
  url: string;
  interval: string;
  rateLimit: string;
  hasNoRateLimit: boolean;
  start: boolean;
  settings: Record<string, SettingValue>;
  /** Secrets that are to be forgotten. */
  removedSecrets: string[];
}

/** The form of a source that is to be made. */
export function emptyForm(type: SourceType): SourceForm {
  return {
    name: null,
    url: "",
    interval: "",
    rateLimit: "",
    hasNoRateLimit: false,
    start: true,
    settings: Object.fromEntries(type.settings.map((spec) => [spec.name, untouched(spec)])),
    removedSecrets: [],
  };
}

/** The form of a source that there is. Of its secrets it shows nothing. */
export function formOf(source: Source, type: SourceType): SourceForm {
  const settings = source.settings as Record<string, unknown>;
  return {
    name: source.name,
    url: source.url ?? "",
    interval: source.interval === type.interval ? "" : intervalText(source.interval),
    rateLimit: source.rate_limit === null || source.rate_limit === type.rate_limit ? "" : String(source.rate_limit),
    hasNoRateLimit: source.rate_limit === null && type.rate_limit !== null,
    start: false,
    settings: Object.fromEntries(type.settings.map((spec) => [spec.name, shown(spec, settings[spec.name])])),
    removedSecrets: [],
  };
}

/** True if the backend holds a value for this secret. */
export function hasSecret(source: Source | null, name: string): boolean {
  return source !== null && typeof (source.settings as Record<string, unknown>)[name] === "string";
}

/** Which secrets of the form have a value, typed or held by the backend, and which have none. */
export function secretFields(form: SourceForm, type: SourceType, source: Source | null): SecretFields {
  const names = type.settings.filter((spec) => spec.type === "secret").map((spec) => spec.name);
  const isFilled = (name: string) =>
    String(form.settings[name] ?? "").trim() !== "" || (hasSecret(source, name) && !form.removedSecrets.includes(name));
  return { filled: names.filter(isFilled), empty: names.filter((name) => !isFilled(name)) };
}

function untouched(spec: SettingSpec): SettingValue {
  if (spec.type === "boolean") return spec.default === true;
  if (spec.type === "text_list") return Array.isArray(spec.default) ? spec.default.map(String) : [];
  if (spec.type === "one_of") return typeof spec.default === "string" ? spec.default : "";
  return "";
}

function shown(spec: SettingSpec, value: unknown): SettingValue {
  if (spec.type === "secret" || value === null || value === undefined) return untouched(spec);
  if (spec.type === "boolean") return value === true;
  if (spec.type === "text_list") return Array.isArray(value) ? value.map(String) : [];
  if (spec.type === "headers") return headerLines(value as Record<string, string>);
  return value === spec.default && spec.type !== "one_of" ? "" : String(value);
}

/** The setting's value for the API; undefined if it is left to its default. */
function settingJson(spec: SettingSpec, value: SettingValue | undefined): unknown {
  if (value === undefined || isSame(value, untouched(spec))) return undefined;
  if (typeof value !== "string") return Array.isArray(value) && value.length === 0 ? undefined : value;
  const text = value.trim();
  if (text === "") return undefined;
  if (spec.type === "headers") return readHeaders(value).headers;
  // What is no number goes as it is: the backend says what is wrong with it.
  if (spec.type === "integer" || spec.type === "number") return Number.isFinite(Number(text)) ? Number(text) : text;
  return text;
}

/** What is tried, and what is made. */
export function testedBody(form: SourceForm, type: SourceType): TestedSource {
  const settings: Record<string, unknown> = {};
  for (const spec of type.settings) {
    const value = settingJson(spec, form.settings[spec.name]);
    if (value !== undefined) settings[spec.name] = value;
  }
  const body: TestedSource = { type: type.name, settings: settings as TestedSource["settings"] };
  if (type.url !== "none" && form.url.trim() !== "") body.url = form.url.trim();
  if (form.interval.trim() !== "") body.interval = intervalJson(form.interval);
  if (form.hasNoRateLimit) body.rate_limit = null;
  else if (form.rateLimit.trim() !== "") body.rate_limit = Number(form.rateLimit);
  return body;
}

export function newBody(form: SourceForm, type: SourceType): NewSource {
  return { ...testedBody(form, type), name: (form.name ?? "").trim(), start: form.start };
}

/** What has been changed, and nothing else: a secret that is not named stays as it is. */
export function changedBody(form: SourceForm, source: Source, type: SourceType): ChangedSource {
  const before = formOf(source, type);
  const body: ChangedSource = {};
  if (form.name !== before.name) body.name = (form.name ?? "").trim();
  if (form.url !== before.url) body.url = form.url.trim() === "" ? null : form.url.trim();
  if (form.interval !== before.interval) {
    body.interval = form.interval.trim() === "" ? type.interval : intervalJson(form.interval);
  }
  if (form.hasNoRateLimit !== before.hasNoRateLimit || form.rateLimit !== before.rateLimit) {
    body.rate_limit = form.hasNoRateLimit ? null : form.rateLimit === "" ? type.rate_limit : Number(form.rateLimit);
  }
  const settings = changedSettings(form, before, type);
  if (Object.keys(settings).length > 0) body.settings = settings as ChangedSource["settings"];
  return body;
}

function changedSettings(form: SourceForm, before: SourceForm, type: SourceType): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const spec of type.settings) {
    const value = form.settings[spec.name];
    if (spec.type === "secret" && form.removedSecrets.includes(spec.name)) settings[spec.name] = null;
    if (value === undefined || isSame(value, before.settings[spec.name])) continue;
    settings[spec.name] = settingJson(spec, value) ?? null;
  }
  return settings;
}

function intervalJson(text: string): number | string {
  const trimmed = text.trim();
  return /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
}

function isSame(a: SettingValue, b: SettingValue | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => one === b[i]);
  return a === b;
}

export interface ReadHeaders {
  headers: Record<string, string>;
  /** The first line that is no header. */
  wrong: string | null;
}

/** Headers as people write them, one a line: "Accept: image/png". */
export function readHeaders(text: string): ReadHeaders {
  const headers: Record<string, string> = {};
  let wrong: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":");
    if (colon < 1) wrong ??= line.trim();
    else headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  return { headers, wrong };
}

export function headerLines(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

/** What the page itself sees to be wrong, by JSON pointer. */
export function formErrors(form: SourceForm, type: SourceType): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const spec of type.settings) {
    const value = form.settings[spec.name];
    if (spec.type !== "headers" || typeof value !== "string") continue;
    const { wrong } = readHeaders(value);
    if (wrong !== null) errors[`/settings/${spec.name}`] = `"${wrong}" is no header: write it like "Accept: image/png"`;
  }
  return errors;
}

/** What the backend says about a field: at its pointer, or about a part of it. */
export function errorAt(error: Error | null, pointer: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const errors = error.problem?.errors ?? [];
  const exact = errors.find((one) => one.pointer === pointer);
  if (exact) return exact.detail;
  const within = errors.find((one) => one.pointer.startsWith(`${pointer}/`));
  return within && `${within.pointer.slice(pointer.length + 1)}: ${within.detail}`;
}

/** What is to stand above the form: what no field of it can show. */
export function errorsElsewhere(error: Error | null, pointers: string[]): string[] {
  if (error === null) return [];
  const errors = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  if (errors.length === 0) return [error.message];
  const isShown = (pointer: string) => pointers.some((one) => pointer === one || pointer.startsWith(`${one}/`));
  return errors.filter((one) => !isShown(one.pointer)).map((one) => `${one.pointer.slice(1)}: ${one.detail}`);
}
