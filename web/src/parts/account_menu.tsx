import { ActionIcon, Button, Popover, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { IconLogout, IconUserCircle } from "@tabler/icons-react";

import { keys } from "@/api/queries";
import { type Session, signOut } from "@/api/session";
import { fullTime } from "@/format/times";

const mayDo: Record<Session["scope"], string> = {
  read: "Read-only: may look at everything, and change nothing.",
  write: "May look at everything and change it.",
};

/** Who is signed in, what they may do and until when; and the way out. */
export function AccountMenu({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const client = useQueryClient();
  const leave = async () => {
    try {
      await signOut();
      onSignedOut();
      client.setQueryData(keys.session, null);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      notifications.show({ color: "red", title: "Still signed in", message: why });
    }
  };
  return (
    <Popover position="bottom-end" width={280} trapFocus withRoles shadow="md">
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Session">
          <IconUserCircle size={22} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label="Session">
        <Stack gap={4}>
          <Text fw={600}>{session.subject ?? "Signed in with a token"}</Text>
          <Text size="sm" c="dimmed">
            {mayDo[session.scope]}
          </Text>
          {session.expires_at && (
            <Text size="sm" c="dimmed">
              Until {fullTime(session.expires_at)}
            </Text>
          )}
          <Button
            variant="default"
            size="sm"
            mt="xs"
            leftSection={<IconLogout size={17} stroke={1.7} aria-hidden />}
            onClick={() => void leave()}
          >
            Sign out
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
