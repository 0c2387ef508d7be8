import { useQuery } from "@tanstack/react-query";

import { api, asked, type Source } from "@/api/client";
import { keys } from "@/api/queries";

/** Everything that images can be narrowed down to by source; [] until it is known. */
export function useSources(): Pick<Source, "id" | "name">[] {
  const sources = useQuery({ queryKey: [...keys.sources, "names"], queryFn: ({ signal }) => askAll(signal) });
  return sources.data ?? [];
}

async function askAll(signal: AbortSignal) {
  const all: Source[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: 200, ...(cursor === null ? {} : { cursor }) };
    const page = await asked(api.GET("/sources", { params: { query }, signal }));
    all.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return all.map(({ id, name }) => ({ id, name })).sort((one, other) => one.name.localeCompare(other.name));
}
