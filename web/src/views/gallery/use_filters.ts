import { useCallback, useMemo } from "react";

import { type Keep, useAddress } from "@/state/address";

import { forgetPosition } from "./use_scroll_memory";
import { addressParameters, changedFilters, type Filters, readFilters, usualFilters } from "./filters";

/** A text that tells filters apart. */
export function filterKey(filters: Filters): string {
  return JSON.stringify(addressParameters(filters));
}

/** The filters, which stand in the address, and how to change them. */
export function useFilters() {
  const { parameters, change } = useAddress();
  const text = JSON.stringify({ ...parameters, image: undefined });
  const filters = useMemo(() => readFilters(JSON.parse(text)), [text]);

  const narrow = useCallback(
    (changes: Partial<Filters>, keep: Keep = "push") => {
      const changed = changedFilters(filters, changes);
      forgetPosition(filterKey(changed));
      change(addressParameters(changed), keep);
    },
    [change, filters],
  );
  const clear = useCallback(() => narrow({ ...usualFilters }), [narrow]);
  return { filters, narrow, clear };
}
