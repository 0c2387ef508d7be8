import type { Source } from "@/api/client";

import { sourceTrouble } from "./poll_advice";

/** Which sources of many somebody wants to see. */
export interface WantedSources {
  /** All of them must stand in the name, the type or the address. */
  words: string;
  troubleOnly: boolean;
}

export function wantedSources(sources: readonly Source[], { words, troubleOnly }: WantedSources): Source[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  return sources.filter((source) => {
    if (troubleOnly && sourceTrouble(source) === null) return false;
    const text = `${source.name} ${source.type} ${source.url ?? ""}`.toLowerCase();
    return parts.every((part) => text.includes(part));
  });
}
