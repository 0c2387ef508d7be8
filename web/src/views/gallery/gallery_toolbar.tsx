import { Button, Group, Text, Title } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { type RefObject, Suspense, useState } from "react";

import { later } from "@/parts/later";

import { lengthWords, type ListLength } from "./count_words";
import type { StateCounts } from "./empty_kinds";
import { FailureField, NsfwField, SortField, type FieldProperties, SourceField, TypeField } from "./filter_fields";
import { countNarrowing, isNarrowed } from "./filters";
import styles from "./gallery_toolbar.module.css";
import { SearchField } from "./search_field";
import { StateTabs } from "./state_tabs";

// Its fields for numbers weigh as much as the rest of the gallery, and are wanted seldom.
const FilterDrawer = later(() => import("./filter_drawer").then((module) => module.FilterDrawer));

interface Properties extends FieldProperties {
  counts: StateCounts | null;
  /** Null while the list is loading. */
  length: ListLength | null;
  /** Where the states stand. */
  tabs: RefObject<HTMLDivElement | null>;
}

/** What the gallery is about, and how to narrow it down. */
export function GalleryToolbar({ counts, length, tabs, ...fields }: Properties) {
  const [isOpen, setIsOpen] = useState(false);
  const [wasOpened, setWasOpened] = useState(false);
  if (isOpen && !wasOpened) setWasOpened(true);
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
            {length && lengthWords(length)}
          </Text>
        </Group>
        <SearchField q={filters.q} onSearch={(q) => narrow({ q }, "replace")} />
      </div>
      <div className={styles.line}>
        <StateTabs
          group={tabs}
          state={filters.state}
          counts={counts}
          isNarrowed={isNarrowed(filters)}
          onChange={(state) => narrow({ state })}
        />
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
      {wasOpened && (
        <Suspense fallback={null}>
          <FilterDrawer isOpen={isOpen} onClose={() => setIsOpen(false)} {...fields} />
        </Suspense>
      )}
    </div>
  );
}
