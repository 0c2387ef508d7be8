import { Center, Loader, Modal } from "@mantine/core";
import { useMediaQuery, useWindowEvent } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import type { ReactZoomPanPinchRef } from "react-zoom-pan-pinch";

import { contentUrl, type Image } from "@/api/client";
import { useMayWrite } from "@/api/session";
import { imageName } from "@/format/image_name";

import { DeleteDialog } from "./delete_dialog";
import { ImageFacts } from "./image_facts";
import styles from "./light_box.module.css";
import { LightBoxStage } from "./light_box_stage";
import { LightBoxTools } from "./light_box_tools";
import { LightBoxTrouble } from "./light_box_trouble";
import { isNearEnd, lightBoxKey, neighboursOf } from "./neighbours";
import { useImage } from "./use_image";
import type { ImageActions } from "./use_image_actions";
import type { ImageList } from "./use_image_pages";

interface Properties {
  id: number;
  /** In its order one leafs. */
  list: Pick<ImageList, "images" | "hasMore" | "loadMore">;
  actions: ImageActions;
  onTurn: (id: number) => void;
  onClose: () => void;
}

/** One image as large as the window, with all that is known of it. */
export function LightBox({ id, list, actions, onTurn, onClose }: Properties) {
  const { images, hasMore, loadMore } = list;
  const neighbours = neighboursOf(images, id);
  const { image, error, reload } = useImage(id, images[neighbours.index]);
  const mayWrite = useMayWrite();
  const zoom = useRef<ReactZoomPanPinchRef>(null);
  const isWide = useMediaQuery("(min-width: 62em)", undefined, { getInitialValueInEffect: false });
  const [showsFacts, setShowsFacts] = useState(true);
  const [isAsking, setIsAsking] = useState(false);
  const { previous, next } = neighbours;

  usePreloaded(previous, next);
  const wantsMore = hasMore && isNearEnd(neighbours, images.length);
  useEffect(() => {
    if (wantsMore) loadMore();
  }, [wantsMore, loadMore]);

  const turn = (to: Image | null) => to && onTurn(to.id);
  const mayDelete = mayWrite && image !== undefined && image.state !== "deleted";
  const remove = async () => {
    setIsAsking(false);
    if (!image) return;
    const { error: fault } = await actions.remove([image]);
    if (fault) return;
    const other = next ?? previous;
    if (other) onTurn(other.id);
    else onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const key = isAsking ? null : lightBoxKey(event);
    if (key === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (key === "previous") turn(previous);
    if (key === "next") turn(next);
    if (key === "zoom_in") void zoom.current?.zoomIn();
    if (key === "zoom_out") void zoom.current?.zoomOut();
    if (key === "fit") void zoom.current?.resetTransform();
    if (key === "details") setShowsFacts((shows) => !shows);
    if (key === "delete" && mayDelete) setIsAsking(true);
  };
  // Wherever the keyboard is, it is this image that is looked at.
  useWindowEvent("keydown", onKeyDown, { capture: true });

  return (
    <Modal.Root
      opened
      onClose={onClose}
      closeOnEscape={!isAsking}
      fullScreen
      padding={0}
      returnFocus={false}
      transitionProps={{ duration: 120 }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={image ? imageName(image) : "Image"} className={styles.content}>
        <Modal.Body
          className={styles.body}
          data-facts={showsFacts || undefined}
          data-light-box={showsFacts ? "facts" : "alone"}
        >
          <section className={styles.stage} aria-label="Picture">
            <LightBoxTools
              image={image}
              place={neighbours.index < 0 ? null : { index: neighbours.index, count: images.length, hasMore }}
              zoom={zoom}
              showsFacts={showsFacts}
              onFacts={() => setShowsFacts((shows) => !shows)}
              onClose={onClose}
            />
            {error && !image ? (
              <LightBoxTrouble id={id} error={error} again={() => void reload()} onClose={onClose} />
            ) : image ? (
              <LightBoxStage
                key={`${image.id} ${image.sha256 ?? image.state}`}
                image={image}
                zoom={zoom}
                onPrevious={previous && (() => turn(previous))}
                onNext={next && (() => turn(next))}
              />
            ) : (
              <Center h="100%">
                <Loader aria-label="Loading the image" />
              </Center>
            )}
          </section>
          {image && (showsFacts || !isWide) && (
            <ImageFacts
              image={image}
              onDelete={mayDelete ? () => setIsAsking(true) : null}
              onRetry={mayWrite && image.state === "failed" ? () => void actions.retry([image]) : null}
              isBusy={actions.job !== null}
            />
          )}
        </Modal.Body>
        <DeleteDialog
          images={isAsking && image ? [image] : []}
          onCancel={() => setIsAsking(false)}
          onDelete={() => void remove()}
        />
      </Modal.Content>
    </Modal.Root>
  );
}

/** Has the browser fetch the pictures that come next. */
function usePreloaded(...images: (Image | null)[]) {
  const urls = images.map((image) => (image?.state === "stored" ? contentUrl(image) : ""));
  const [previous = "", next = ""] = urls;
  useEffect(() => {
    for (const url of [next, previous]) {
      if (url === "") continue;
      const picture = new window.Image();
      picture.decoding = "async";
      picture.src = url;
    }
  }, [previous, next]);
}
