import { Alert, Button, Group, Text } from "@mantine/core";

/** An error of the backend where its answer should stand, with a way to try again. */
export function Trouble({ error, again }: { error: Error; again?: () => void }) {
  return (
    <Alert color="red" title="That did not work" role="alert">
      <Group justify="space-between">
        <Text>{error.message}</Text>
        {again && (
          <Button variant="default" size="xs" onClick={again}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
