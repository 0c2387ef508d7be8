import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";

import type { Source } from "@/api/client";
import { counted } from "@/format/numbers";
import { addressOf, go } from "@/state/address";
import { useDeleteSource } from "@/views/sources/source_queries";

interface Properties {
  source: Source;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks before a source is deleted, and says what stays. */
export function DeleteSource({ source, isOpen, onClose }: Properties) {
  const { mutate, isPending, error } = useDeleteSource(source.id, () => {
    onClose();
    go(addressOf("sources"), "replace");
  });
  const { stored, pending, storing } = source.counts;
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Delete "${source.name}"?`} centered>
      <Stack>
        <Text>
          {stored > 0
            ? `Its ${counted(stored, "stored image")} stay, in the gallery and where they are stored.`
            : "It has no stored images."}{" "}
          Nothing new is found for it any more.
        </Text>
        {pending + storing > 0 && (
          <Text>{counted(pending + storing, "image")} of it that wait to be fetched will not be fetched.</Text>
        )}
        {error && (
          <Alert color="red" role="alert">
            {error.message}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button color="red" loading={isPending} onClick={() => mutate()}>
            Delete the source
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
