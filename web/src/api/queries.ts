import { QueryClient } from "@tanstack/react-query";

import { ApiError } from "@/api/client";

/** What the page keeps of the backend's answers. What a second try cannot mend is not tried twice. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (tries, error) => tries < 3 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
}

/** The keys under which answers are kept: one place, so that whoever changes something knows what to load anew. */
export const keys = {
  session: ["session"] as const,
  health: ["health"] as const,
  images: ["images"] as const,
  imageList: (filter: object) => ["images", "list", filter] as const,
  image: (id: number) => ["images", "one", id] as const,
  sources: ["sources"] as const,
  source: (id: number) => ["sources", "one", id] as const,
  polls: (id: number) => ["sources", "one", id, "polls"] as const,
  sourceTypes: ["source-types"] as const,
  statistics: ["statistics"] as const,
  lastImages: ["last-images"] as const,
};
