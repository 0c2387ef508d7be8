import { type Dispatch, type SetStateAction, useEffect, useState } from "react";

const drafts = new Map<string, unknown>();

/** For what was sent, or is not wanted any more. */
export function forgetDraft(name: string) {
  drafts.delete(name);
}

let owner: string | null | undefined;

/** Says whose session it is: what another has typed is forgotten. */
export function keepDraftsOf(subject: string | null) {
  if (owner !== undefined && owner !== subject) forgetDrafts();
  owner = subject;
}

/** Who signs out takes along what was typed: there may be secrets among it. A session that runs out leaves it. */
export function forgetDrafts() {
  drafts.clear();
}

/**
 * Like useState, for what somebody types: who looks at another view and comes back finds it under its name.
 * @param name  null for what is not to be kept
 */
export function useDraft<Value>(name: string | null, first: () => Value): [Value, Dispatch<SetStateAction<Value>>] {
  const [value, setValue] = useState<Value>(() =>
    name !== null && drafts.has(name) ? (drafts.get(name) as Value) : first(),
  );
  useEffect(() => {
    if (name !== null) drafts.set(name, value);
  }, [name, value]);
  return [value, setValue];
}
