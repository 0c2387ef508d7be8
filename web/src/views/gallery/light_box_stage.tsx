import { ActionIcon, Loader } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { type RefObject, type TouchEvent, useRef, useState } from "react";
import { type ReactZoomPanPinchRef, TransformComponent, TransformWrapper } from "react-zoom-pan-pinch";

import { contentUrl, type Image } from "@/api/client";
import { imageName } from "@/format/image_name";

import { statusOf, unshownWords } from "./image_words";
import styles from "./light_box.module.css";
import { swipeOf } from "./neighbours";
import { StateIcon } from "./state_icon";

interface Properties {
  image: Image;
  zoom: RefObject<ReactZoomPanPinchRef | null>;
  /** Null at the list's end. */
  onPrevious: (() => void) | null;
  onNext: (() => void) | null;
}

/** The picture, or why there is none, between the ways to its neighbours. */
export function LightBoxStage({ image, zoom, onPrevious, onNext }: Properties) {
  const swipe = useSwipe(zoom, onPrevious, onNext);
  return (
    <div className={styles.picture} {...swipe}>
      <Picture image={image} zoom={zoom} />
      {onPrevious && (
        <ActionIcon className={`${styles.turn} ${styles.previous}`} aria-label="Previous image" onClick={onPrevious}>
          <IconChevronLeft size={28} aria-hidden />
        </ActionIcon>
      )}
      {onNext && (
        <ActionIcon className={`${styles.turn} ${styles.next}`} aria-label="Next image" onClick={onNext}>
          <IconChevronRight size={28} aria-hidden />
        </ActionIcon>
      )}
    </div>
  );
}

function Picture({ image, zoom }: Pick<Properties, "image" | "zoom">) {
  const [phase, setPhase] = useState<"loading" | "shown" | "broken">("loading");
  if (image.state !== "stored" || phase === "broken") {
    const words = phase === "broken" ? unshownWords(image) : statusOf(image);
    return (
      <div className={styles.notice}>
        <StateIcon state={image.state} size={48} />
        <p className={styles.what}>{words?.what}</p>
        {phase === "broken" && <p>{words?.why}</p>}
      </div>
    );
  }
  return (
    <>
      {phase === "loading" && <Loader className={styles.loading} aria-label="Loading the picture" />}
      <TransformWrapper ref={zoom} maxScale={12} doubleClick={{ mode: "toggle", step: 2 }}>
        <TransformComponent wrapperClass={styles.zoomed ?? ""} contentClass={styles.fitted ?? ""}>
          <img
            className={styles.image}
            src={contentUrl(image)}
            alt={imageName(image)}
            data-phase={phase}
            data-vector={image.type === "image/svg+xml" || undefined}
            draggable={false}
            onLoad={() => setPhase("shown")}
            onError={() => setPhase("broken")}
          />
        </TransformComponent>
      </TransformWrapper>
    </>
  );
}

/** Leafs by a finger, unless the picture is larger than the window: then the finger moves it. */
function useSwipe(zoom: Properties["zoom"], onPrevious: (() => void) | null, onNext: (() => void) | null) {
  const start = useRef<{ x: number; y: number } | null>(null);
  return {
    onTouchStart: ({ touches }: TouchEvent) => {
      const touch = touches[0];
      const isZoomed = (zoom.current?.state.scale ?? 1) > 1.01;
      start.current = touch && touches.length === 1 && !isZoomed ? { x: touch.clientX, y: touch.clientY } : null;
    },
    onTouchEnd: ({ changedTouches }: TouchEvent) => {
      const touch = changedTouches[0];
      if (!touch || !start.current) return;
      const way = swipeOf(touch.clientX - start.current.x, touch.clientY - start.current.y);
      start.current = null;
      if (way === "previous") onPrevious?.();
      if (way === "next") onNext?.();
    },
  };
}
