import { Button, Group, Text, Title } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { useState } from "react";

import { count, counted } from "@/format/numbers";

import { type StateCounts, totalOf } from "./empty_kinds";
import { FilterDrawer } from "./filter_drawer";
import { FailureField, NsfwField, SortField, type FieldProperties, SourceField, TypeField } from "./filter_fields";
import { countNarrowing } from "./filters";
import styles from "./gallery_toolbar.module.css";
import { SearchField } from "./search_field";
import { StateTabs } from "./state_tabs";

interface Properties extends FieldProperties {
  counts: StateCounts | null;
  /** Null while the list is loading. */
  shown: number | null;
  hasMore: boolean;
}

/** What the gallery is about, and how to narrow it down. */
export function GalleryToolbar({ counts, shown, hasMore, ...fields }: Properties) {
  const [isOpen, setIsOpen] = useState(false);
  const { filters, narrow } = fields;
  const narrowing = countNarrowing(filters);
  return (
    <div className={styles.toolbar}>
      <div className={styles.line}>
        <Group gap="xs" align="baseline" wrap="nowrap" className={styles.heading}>
          <Title order={1} size="h3">
            Gallery
          </Title>
          <Text size="sm" c="dimmed" className={styles.count}>
            {countText(shown, hasMore, totalOf(filters, counts))}
          </Text>
        </Group>
        <SearchField q={filters.q} onSearch={(q) => narrow({ q }, "replace")} />
      </div>
      <div className={styles.line}>
        <StateTabs state={filters.state} counts={counts} onChange={(state) => narrow({ state })} />
        <div className={styles.fields}>
          <div className={styles.inline}>
            <SourceField {...fields} isBare />
            {filters.state === "failed" ? <FailureField {...fields} isBare /> : <TypeField {...fields} isBare />}
            <NsfwField {...fields} isBare />
          </div>
          <SortField {...fields} isBare />
          <Button
            variant="default"
            size="sm"
            leftSection={<IconAdjustmentsHorizontal size={18} aria-hidden />}
            aria-haspopup="dialog"
            onClick={() => setIsOpen(true)}
          >
            {narrowing > 0 ? `Filters (${narrowing})` : "Filters"}
          </Button>
        </div>
      </div>
      <FilterDrawer isOpen={isOpen} onClose={() => setIsOpen(false)} {...fields} />
    </div>
  );
}

function countText(shown: number | null, hasMore: boolean, total: number | null): string {
  if (shown === null) return "";
  if (total !== null && hasMore) return counted(Math.max(total, shown), "image");
  return hasMore ? `more than ${count(shown)} images` : counted(shown, "image");
}
