import { UnstyledButton } from "@mantine/core";
import type { RefObject } from "react";

import { count } from "@/format/numbers";

import type { StateCounts } from "./empty_kinds";
import { type StateFilter, stateFilters } from "./filters";
import styles from "./gallery_toolbar.module.css";

interface Properties {
  group: RefObject<HTMLDivElement | null>;
  state: StateFilter;
  counts: StateCounts | null;
  /** True if the list is about fewer images than are counted. */
  isNarrowed: boolean;
  onChange: (state: StateFilter) => void;
}

export const stateNames: Record<StateFilter, string> = {
  stored: "Stored",
  failed: "Failed",
  pending: "Waiting",
  storing: "Being stored",
  deleted: "Deleted",
  all: "All",
};

/** The states, each with how many images are in it, unless more than a state is asked for. Those that are empty or over in a moment only show if need be. */
export function StateTabs({ group, state, counts, isNarrowed, onChange }: Properties) {
  const shown = stateFilters.filter((one) => {
    if (one === state) return true;
    if (one === "storing") return false;
    return one !== "deleted" || (counts?.deleted ?? 0) > 0;
  });
  return (
    <div ref={group} role="group" aria-label="State" className={styles.states}>
      {shown.map((one) => (
        <UnstyledButton key={one} className={styles.state} aria-pressed={one === state} onClick={() => onChange(one)}>
          {stateNames[one]}
          {counts && !isNarrowed && one !== "all" && <span className={styles.number}>{count(counts[one])}</span>}
        </UnstyledButton>
      ))}
    </div>
  );
}

/** Gives the keyboard to the state that is chosen: where it goes if the list has no tile for it. */
export function focusState(group: HTMLElement | null) {
  group?.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus({ preventScroll: true });
}
