import { useCallback, useState } from "react";

import { contentUrl, type Image } from "@/api/client";
import { imageName } from "@/format/image_name";

import type { Fit } from "./fit";
import styles from "./image_grid.module.css";
import { type Status, statusOf, unshownWords } from "./image_words";
import { StateIcon } from "./state_icon";

/** The picture, fading in on its neutral ground; where there is none, what state the image is in and why. */
export function TilePicture({ image, fit }: { image: Image; fit: Fit }) {
  const [phase, setPhase] = useState<"loading" | "shown" | "broken">("loading");
  // What the browser has already does not fade in once more.
  const look = useCallback((element: HTMLImageElement | null) => {
    if (element?.complete && element.naturalWidth > 0) setPhase("shown");
  }, []);
  const status = phase === "broken" ? unshownWords(image) : statusOf(image);
  if (image.state !== "stored" || phase === "broken") return <Notice image={image} status={status} />;
  return (
    <img
      ref={look}
      className={styles.picture}
      src={contentUrl(image)}
      alt={imageName(image)}
      loading="lazy"
      decoding="async"
      draggable={false}
      data-fit={fit}
      data-phase={phase}
      onLoad={() => setPhase("shown")}
      onError={() => setPhase("broken")}
    />
  );
}

function Notice({ image, status }: { image: Image; status: Status | null }) {
  return (
    <span className={styles.notice} data-state={image.state}>
      <StateIcon state={image.state} size={26} />
      <span className={styles.name}>{imageName(image)}</span> <span className={styles.what}>{status?.what}</span>
      {status?.why && <span className={styles.why}>{status.why}</span>}
    </span>
  );
}
