import { type CSSProperties, memo, type MouseEvent } from "react";

import type { Image } from "@/api/client";
import { imageName } from "@/format/image_name";
import { addressOf } from "@/state/address";

import { fitOf } from "./fit";
import styles from "./image_grid.module.css";
import { typeName } from "./image_words";
import { TilePicture } from "./tile_picture";

export interface TileProperties {
  image: Image;
  /** Within its row, from 0. */
  column: number;
  left: number;
  width: number;
  height: number;
  isSelected: boolean;
  /** True for the one tile that the Tab key leads to. */
  isTabStop: boolean;
  maySelect: boolean;
  onPress: (image: Image, event: MouseEvent) => void;
  onCheck: (image: Image, event: MouseEvent) => void;
}

/** One image of the grid: its picture, or why there is none. */
export const ImageTile = memo(function ImageTile(properties: TileProperties) {
  const { image, column, left, width, height, isSelected, isTabStop, maySelect, onPress, onCheck } = properties;
  const place: CSSProperties = { left, width };
  const linkId = `image-${image.id}`;
  return (
    <div
      role="gridcell"
      aria-colindex={column + 1}
      aria-labelledby={linkId}
      aria-selected={maySelect ? isSelected : undefined}
      tabIndex={isTabStop ? 0 : -1}
      data-image={image.id}
      className={styles.tile}
      style={place}
    >
      <a
        id={linkId}
        href={addressOf("gallery", { image: String(image.id) })}
        tabIndex={-1}
        draggable={false}
        className={styles.link}
        onClick={(event) => onPress(image, event)}
      >
        <TilePicture key={image.sha256} image={image} fit={fitOf(image, { width, height })} />
        <span className={styles.caption} aria-hidden data-title={imageName(image)} data-details={detailsOf(image)} />
      </a>
      {maySelect && (
        <label className={styles.check}>
          <input
            type="checkbox"
            tabIndex={-1}
            checked={isSelected}
            readOnly
            aria-label={`Select ${imageName(image)}`}
            onClick={(event) => onCheck(image, event)}
          />
        </label>
      )}
    </div>
  );
});

function detailsOf(image: Image): string {
  const size = image.width && image.height ? `${image.width} × ${image.height}` : "";
  return [size, image.type ? typeName(image.type) : "", image.source].filter(Boolean).join(" · ");
}
