import { Badge, type MantineColor } from "@mantine/core";

import type { ImageState, Source } from "@/api/client";

const imageColors: Record<ImageState, MantineColor> = {
  pending: "gray",
  storing: "blue",
  stored: "teal",
  failed: "red",
  deleted: "dark",
};

interface Sign {
  word: string;
  color: MantineColor;
}

const sourceSigns: Record<Source["state"], Sign> = {
  stopped: { word: "stopped", color: "gray" },
  idle: { word: "on schedule", color: "teal" },
  fetching: { word: "fetching", color: "blue" },
  blocked: { word: "blocked", color: "orange" },
  stopping: { word: "stopping", color: "gray" },
};
const failing: Sign = { word: "failing", color: "yellow" };

/** What a source's badge says: its state, and of one that waits for its next poll whether the last one failed. */
export function sourceSign({ state, reason }: Pick<Source, "state" | "reason">): Sign {
  return state === "idle" && reason ? failing : sourceSigns[state];
}

/** A short word is kept whole where what stands beside it takes the room. */
const uncut = { flexShrink: 0 };

/** An image's state; the word says it, the colour only helps. */
export function ImageStateBadge({ state }: { state: ImageState }) {
  return (
    <Badge color={imageColors[state]} variant="light" autoContrast style={uncut}>
      {state}
    </Badge>
  );
}

/** A source's state; who points at it reads the API's name for it. */
export function SourceStateBadge({ source }: { source: Pick<Source, "state" | "reason"> }) {
  const { word, color } = sourceSign(source);
  return (
    <Badge color={color} variant="light" autoContrast style={uncut} title={`State: ${source.state}`}>
      {word}
    </Badge>
  );
}
