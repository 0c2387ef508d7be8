import { useCallback, useSyncExternalStore } from "react";

/** What is looked at stands in the address's query, so that a view can be shared, kept and gone back to. */
export type Parameters = Record<string, string>;

/** The four views; the gallery's is the address without `view`. */
export const views = ["gallery", "sources", "activity", "add"] as const;
export type View = (typeof views)[number];

const listeners = new Set<() => void>();
let known = window.location.search;

function tell() {
  known = window.location.search;
  for (const listener of listeners) listener();
}

window.addEventListener("popstate", tell);

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The query as an object; of a parameter that is there twice, the last. */
export function readParameters(search: string): Parameters {
  return Object.fromEntries(new URLSearchParams(search));
}

/** `search` with a change: null or "" takes a parameter out. */
export function changedSearch(search: string, change: Record<string, string | null>): string {
  const parameters = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === "") parameters.delete(name);
    else parameters.set(name, value);
  }
  parameters.sort();
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

/** The address of a view with these parameters, and nothing of what stands in the address now. */
export function addressOf(view: View, parameters: Parameters = {}): string {
  return `/${changedSearch("", { ...parameters, view: view === "gallery" ? null : view })}`;
}

/** How a change is kept: `push` can be gone back from, `replace` (typing, scrolling) cannot. */
export type Keep = "push" | "replace";

export function go(address: string, keep: Keep = "push") {
  if (keep === "push") window.history.pushState(null, "", address);
  else window.history.replaceState(null, "", address);
  tell();
}

/** The address's parameters, and how to change them. */
export function useAddress() {
  const search = useSyncExternalStore(subscribe, () => known);
  const parameters = readParameters(search);
  const change = useCallback((changes: Record<string, string | null>, keep: Keep = "push") => {
    go(`/${changedSearch(window.location.search, changes)}`, keep);
  }, []);
  return { parameters, view: viewOf(parameters), change };
}

export function viewOf(parameters: Parameters): View {
  const named = parameters["view"];
  return views.find((view) => view === named) ?? "gallery";
}
