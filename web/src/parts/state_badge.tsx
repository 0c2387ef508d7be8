import { Badge, type MantineColor } from "@mantine/core";

import type { ImageState, Source } from "@/api/client";

const imageColors: Record<ImageState, MantineColor> = {
  pending: "gray",
  storing: "blue",
  stored: "teal",
  failed: "red",
  deleted: "dark",
};

const sourceColors: Record<Source["state"], MantineColor> = {
  stopped: "gray",
  idle: "teal",
  fetching: "blue",
  blocked: "orange",
  stopping: "gray",
};

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

/** A source's state. */
export function SourceStateBadge({ state }: { state: Source["state"] }) {
  return (
    <Badge color={sourceColors[state]} variant="light" autoContrast style={uncut}>
      {state}
    </Badge>
  );
}
