import { Alert } from "@mantine/core";
import { IconClockPause } from "@tabler/icons-react";

import { type Health, healthNotice } from "@/api/health";

/** Says what creel waits for and what to do about it, as long as it waits. */
export function HealthNotice({ health }: { health: Health | null }) {
  const notice = health && healthNotice(health);
  return (
    <div role="status">
      {notice && (
        <Alert color="yellow" title={notice.title} icon={<IconClockPause aria-hidden />} mb="md">
          {notice.text}
        </Alert>
      )}
    </div>
  );
}
