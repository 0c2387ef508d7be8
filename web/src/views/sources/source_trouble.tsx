import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle, IconClock } from "@tabler/icons-react";

import type { Source } from "@/api/client";
import { Time } from "@/parts/time";
import { readReason, sourceTrouble } from "@/views/sources/poll_advice";

/** Why a source does not work as it should, and what can be done; nothing if all is well. */
export function SourceTrouble({ source }: { source: Source }) {
  const trouble = sourceTrouble(source);
  if (!trouble) return null;
  const isWaiting = source.state === "blocked" && readReason(source.reason ?? "").kind === "rate_limited";
  const Icon = isWaiting ? IconClock : IconAlertTriangle;
  return (
    <Alert
      color={source.state === "stopped" ? "red" : "yellow"}
      icon={<Icon size={18} stroke={1.7} aria-hidden />}
      p="xs"
    >
      <Text size="sm">
        <strong>{trouble.what}.</strong> {trouble.advice}
        {source.state === "blocked" && source.blocked_until && (
          <>
            {" "}
            It goes on <Time at={source.blocked_until} overdue="now" />.
          </>
        )}
      </Text>
      {trouble.detail !== "" && (
        <Text size="xs" mt={2} lineClamp={3} title={trouble.detail} style={{ overflowWrap: "anywhere" }}>
          {trouble.detail}
        </Text>
      )}
    </Alert>
  );
}
