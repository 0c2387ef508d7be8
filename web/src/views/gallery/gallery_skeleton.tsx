import { Skeleton } from "@mantine/core";

import styles from "./gallery.module.css";

const widths = [280, 190, 320, 240, 210, 300, 170, 260, 330, 220, 250, 290, 200, 310, 180, 270];

/** Where pictures are about to be. */
export function GallerySkeleton() {
  return (
    <div className={styles.skeleton} aria-hidden>
      {widths.map((width, at) => (
        <Skeleton key={at} w={width} radius={6} />
      ))}
    </div>
  );
}
