import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";

import type { Image } from "@/api/client";
import { counted } from "@/format/numbers";

interface Properties {
  /** Images to be deleted; none keeps the dialog closed. */
  images: readonly Pick<Image, "state">[];
  onCancel: () => void;
  onDelete: () => void;
}

/** Asks before images are deleted, and says what that means. */
export function DeleteDialog({ images, onCancel, onDelete }: Properties) {
  // The words stay while the dialog fades out.
  const [told, setTold] = useState(images);
  useEffect(() => {
    if (images.length > 0) setTold(images);
  }, [images]);
  const shown = images.length > 0 ? images : told;
  const what = counted(shown.length, "image");
  return (
    <Modal
      opened={images.length > 0}
      onClose={onCancel}
      title={`Delete ${what}?`}
      centered
      zIndex={400}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text>{deletionWords(shown)}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel} data-autofocus>
            Keep
          </Button>
          <Button color="red" onClick={onDelete}>
            Delete {what}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** What deleting these images does; of objects it speaks only if there are some. */
export function deletionWords(images: readonly Pick<Image, "state">[]): string {
  const isOne = images.length === 1;
  const objects = images.filter(({ state }) => state === "stored" || state === "storing").length;
  const removed =
    objects === 0
      ? ""
      : objects < images.length
        ? `${counted(objects, "object is", "objects are")} removed from the store. `
        : `${isOne ? "Its object is" : "Their objects are"} removed from the store. `;
  const remembered = `creel remembers ${isOne ? "the image" : "the images"}, so that no source brings ${isOne ? "it" : "them"} back.`;
  return `${removed}${remembered} This cannot be undone.`;
}
