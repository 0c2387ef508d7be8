import { Alert, Button, Center, Group, Text } from "@mantine/core";

import { ApiError } from "@/api/client";
import { Trouble } from "@/parts/trouble";

interface Properties {
  id: number;
  error: Error;
  again: () => void;
  onClose: () => void;
}

/** Why an image cannot be shown large, and the one thing to do about it. */
export function LightBoxTrouble({ id, error, again, onClose }: Properties) {
  const isNotThere = error instanceof ApiError && error.status === 404;
  return (
    <Center h="100%" p="md">
      {isNotThere ? <NotThere id={id} onClose={onClose} /> : <Trouble error={error} again={again} />}
    </Center>
  );
}

function NotThere({ id, onClose }: Pick<Properties, "id" | "onClose">) {
  return (
    <Alert color="gray" title="There is no such image" role="alert">
      <Group justify="space-between">
        <Text>Image {id} was deleted, or was never there.</Text>
        <Button variant="default" size="xs" onClick={onClose}>
          Close
        </Button>
      </Group>
    </Alert>
  );
}
