import { Center, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface Properties {
  title: string;
  /** What to do first. */
  children: ReactNode;
  action?: ReactNode;
}

/** Stands where there is nothing to show yet, and says what to do about it. */
export function Empty({ title, children, action }: Properties) {
  return (
    <Center mih="40vh" p="md">
      <Stack align="center" gap="sm" maw={520}>
        <Title order={2} size="h3" ta="center">
          {title}
        </Title>
        <Text ta="center" c="dimmed" component="div">
          {children}
        </Text>
        {action}
      </Stack>
    </Center>
  );
}
