import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";

import { counted } from "@/format/numbers";

interface Properties {
  /** Images to be deleted; 0 keeps the dialog closed. */
  count: number;
  onCancel: () => void;
  onDelete: () => void;
}

/** Asks before images are deleted, and says what that means. */
export function DeleteDialog({ count, onCancel, onDelete }: Properties) {
  // The words stay while the dialog fades out.
  const [told, setTold] = useState(count);
  useEffect(() => {
    if (count > 0) setTold(count);
  }, [count]);
  const what = counted(count || told, "image");
  return (
    <Modal
      opened={count > 0}
      onClose={onCancel}
      title={`Delete ${what}?`}
      centered
      zIndex={400}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text>
          {(count || told) === 1 ? "Its object is" : "Their objects are"} removed from the store. creel remembers{" "}
          {(count || told) === 1 ? "the image" : "the images"}, so that no source brings{" "}
          {(count || told) === 1 ? "it" : "them"} back. This cannot be undone.
        </Text>
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
