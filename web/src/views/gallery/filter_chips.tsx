import { Button, Group } from "@mantine/core";
import { IconX } from "@tabler/icons-react";

import { chipsOf } from "./chips";
import type { FieldProperties } from "./filter_fields";
import styles from "./gallery_toolbar.module.css";

/** What is filtered by; each can be taken off alone, or all at once. */
export function FilterChips({ filters, sources, narrow, clear }: FieldProperties & { clear: () => void }) {
  const chips = chipsOf(filters, sources);
  if (chips.length === 0) return null;
  return (
    <Group gap="xs" className={styles.chips} role="group" aria-label="Active filters">
      {chips.map(({ label, off }) => (
        <Button
          key={label}
          size="compact-sm"
          radius="xl"
          variant="light"
          rightSection={<IconX size={14} aria-hidden />}
          aria-label={`Remove the filter ${label}`}
          onClick={() => narrow(off)}
        >
          {label}
        </Button>
      ))}
      <Button size="compact-sm" variant="subtle" color="gray" onClick={clear}>
        Clear all
      </Button>
    </Group>
  );
}
