import { ActionIcon, Group, Text, Tooltip } from "@mantine/core";
import {
  IconDownload,
  IconInfoCircle,
  IconX,
  IconZoomIn,
  IconZoomOut,
  IconZoomReset,
  type TablerIcon,
} from "@tabler/icons-react";
import type { RefObject } from "react";
import type { ReactZoomPanPinchRef } from "react-zoom-pan-pinch";

import { contentUrl, type Image } from "@/api/client";
import { count } from "@/format/numbers";

import styles from "./light_box.module.css";

interface Properties {
  image: Image | undefined;
  /** Where in the list the image stands; null if it is not in it. */
  place: { index: number; count: number; hasMore: boolean } | null;
  zoom: RefObject<ReactZoomPanPinchRef | null>;
  showsFacts: boolean;
  onFacts: () => void;
  onClose: () => void;
}

/** The buttons over the picture. */
export function LightBoxTools({ image, place, zoom, showsFacts, onFacts, onClose }: Properties) {
  const isStored = image?.state === "stored";
  return (
    <div className={styles.tools}>
      <Text size="sm" className={styles.place} role="status">
        {place && `${count(place.index + 1)} of ${count(place.count)}${place.hasMore ? "+" : ""}`}
      </Text>
      <Group gap={4} wrap="nowrap">
        {isStored && (
          <>
            <Tool icon={IconZoomOut} name="Zoom out (-)" onClick={() => void zoom.current?.zoomOut()} />
            <Tool
              icon={IconZoomReset}
              name="Fit to the window (0)"
              onClick={() => void zoom.current?.resetTransform()}
            />
            <Tool icon={IconZoomIn} name="Zoom in (+)" onClick={() => void zoom.current?.zoomIn()} />
            <Tooltip label="Download" zIndex={500}>
              <ActionIcon
                component="a"
                href={contentUrl(image)}
                download={downloadName(image)}
                aria-label="Download"
                size="lg"
                variant="subtle"
                className={styles.tool}
              >
                <IconDownload size={20} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </>
        )}
        <Tool
          icon={IconInfoCircle}
          name="Details (i)"
          onClick={onFacts}
          isPressed={showsFacts}
          className={styles.factsTool}
        />
        <Tool icon={IconX} name="Close (Escape)" onClick={onClose} isFirst />
      </Group>
    </div>
  );
}

interface ToolProperties {
  icon: TablerIcon;
  /** What it does, and by which key. */
  name: string;
  onClick: () => void;
  isPressed?: boolean;
  /** Has the keyboard when the box opens. */
  isFirst?: boolean;
  className?: string | undefined;
}

function Tool({ icon: Icon, name, onClick, isPressed, isFirst, className = "" }: ToolProperties) {
  return (
    <Tooltip label={name} zIndex={500}>
      <ActionIcon
        aria-label={name}
        aria-pressed={isPressed}
        data-autofocus={isFirst || undefined}
        size="lg"
        variant="subtle"
        className={`${styles.tool} ${className}`}
        onClick={onClick}
      >
        <Icon size={20} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/** The last part of the object's key. */
export function downloadName(image: Image): string {
  return image.key?.split("/").at(-1) || image.file_name || `image-${image.id}`;
}
