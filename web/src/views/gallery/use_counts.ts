import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, asked } from "@/api/client";
import { useServerEvents } from "@/api/events";
import { keys } from "@/api/queries";

import type { StateCounts } from "./empty_kinds";

/** How many images there are in each state, kept up to date by events; null until it is known. */
export function useCounts(): StateCounts | null {
  const [live, setLive] = useState<StateCounts | null>(null);
  const statistics = useQuery({
    queryKey: [...keys.statistics, "images"],
    queryFn: ({ signal }) => asked(api.GET("/statistics", { signal })),
  });
  useServerEvents({
    counters: ({ images }) => setLive((before) => (before && isSame(before, images) ? before : images)),
  });
  return live ?? statistics.data?.images ?? null;
}

function isSame(one: StateCounts, other: StateCounts): boolean {
  return (Object.keys(one) as (keyof StateCounts)[]).every((state) => one[state] === other[state]);
}
