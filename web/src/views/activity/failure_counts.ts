import type { FailureKind } from "@/api/client";

export interface FailureCount {
  kind: FailureKind;
  images: number;
}

/** The kinds by which images failed, the most frequent first; those of none are left out. */
export function failureCounts(counted: Partial<Record<string, number>>): FailureCount[] {
  return Object.entries(counted)
    .map(([kind, images]) => ({ kind: kind as FailureKind, images: images ?? 0 }))
    .filter(({ images }) => images > 0)
    .sort((one, other) => other.images - one.images || one.kind.localeCompare(other.kind));
}
