import { Group } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";

import { ViewLink } from "@/parts/view_link";

/** The way back, above a page within the view. */
export function BackLink({ href, children }: { href: string; children: string }) {
  return (
    <ViewLink href={href} style={{ color: "inherit", width: "fit-content" }}>
      <Group component="span" gap={4}>
        <IconArrowLeft size={16} stroke={1.7} aria-hidden />
        {children}
      </Group>
    </ViewLink>
  );
}
