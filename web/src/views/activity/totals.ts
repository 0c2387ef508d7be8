import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { api, asked, type Statistics } from "@/api/client";
import type { Counters } from "@/api/events";
import { keys } from "@/api/queries";

import { rateHistory } from "./history";

/** The newest counters; null until they come. */
export function useCounters(): Counters | null {
  return useSyncExternalStore(rateHistory.watch, rateHistory.counters);
}

/** What the counters do not tell: the last day by hour, failures by kind, the queue's age. */
export function useStatistics() {
  return useQuery({
    queryKey: keys.statistics,
    queryFn: () => asked(api.GET("/statistics")),
    refetchInterval: 5_000,
  });
}

/** The images that were stored or failed last; asked for once. */
export function useLastImages() {
  return useQuery({
    queryKey: keys.lastImages,
    queryFn: async () => {
      const [stored, failed] = await Promise.all([
        asked(api.GET("/images", { params: { query: { state: "stored", sort: "-stored_at", limit: 40 } } })),
        asked(api.GET("/images", { params: { query: { state: "failed", limit: 20 } } })),
      ]);
      return [...stored.items, ...failed.items];
    },
    staleTime: Infinity,
  });
}

/** Images and bytes: as the counters say, and until they come as the statistics do. */
export function useTotals(statistics: Statistics | undefined): Pick<Counters, "images" | "bytes"> | null {
  return useCounters() ?? statistics ?? null;
}
