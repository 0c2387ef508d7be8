import type { FailureKind } from "@/api/client";
import { count } from "@/format/numbers";

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

/** What is said when images were put back into the queue. */
export function retriedNotice(images: number): { title: string; message: string } {
  if (images === 0) {
    return { title: "Nothing was left to try again", message: "What had failed so is tried already, or was deleted." };
  }
  if (images === 1) {
    return {
      title: "1 image is tried again",
      message: "It waits in the queue; what becomes of it shows in the last events.",
    };
  }
  return {
    title: `${count(images)} images are tried again`,
    message: "They wait in the queue; what becomes of them shows in the last events.",
  };
}
