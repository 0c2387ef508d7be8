import {
  IconAlertTriangle,
  IconClock,
  IconCloudUpload,
  IconPhotoOff,
  IconTrash,
  type TablerIcon,
} from "@tabler/icons-react";

import type { ImageState } from "@/api/client";

const icons: Record<ImageState, TablerIcon> = {
  stored: IconPhotoOff,
  pending: IconClock,
  storing: IconCloudUpload,
  failed: IconAlertTriangle,
  deleted: IconTrash,
};

/** Stands where the picture of an image in this state would be. */
export function StateIcon({ state, size }: { state: ImageState; size: number }) {
  const Icon = icons[state];
  return <Icon size={size} stroke={1.6} aria-hidden />;
}
