import { Card, Progress, Text } from "@mantine/core";
import { type ReactNode, useSyncExternalStore } from "react";

import type { Statistics } from "@/api/client";
import { bytes, count, mebibytes } from "@/format/numbers";
import { Time } from "@/parts/time";

import styles from "./activity.module.css";
import { rateHistory } from "./history";

/** What is under way, what waits, what came of it. */
export function Tiles({ queue }: { queue: Statistics["queue"] | undefined }) {
  const now = useSyncExternalStore(rateHistory.watch, rateHistory.counters);
  const waiting = now && now.images.pending + now.images.storing;
  const used = now && now.budget_capacity_bytes > 0 ? (100 * now.budget_used_bytes) / now.budget_capacity_bytes : 0;
  return (
    <dl className={styles.tiles}>
      <Tile name="In flight" value={now && count(now.in_flight)}>
        images are fetched now
      </Tile>
      <Tile name="Memory for images" value={now && mebibytes(now.budget_used_bytes)}>
        <Progress value={used} color="cyan.6" size="sm" aria-label="Memory used" my={5} />
        {now && `of ${mebibytes(now.budget_capacity_bytes)}`}
      </Tile>
      <Tile name="Queue" value={waiting === null ? null : count(waiting)}>
        {waiting !== 0 && queue?.oldest_found_at ? (
          <>
            the oldest found <Time at={queue.oldest_found_at} />
          </>
        ) : (
          waiting === 0 && "nothing waits"
        )}
      </Tile>
      <Tile name="Stored" value={now && count(now.images.stored)}>
        {now && `${bytes(now.bytes)} in all`}
      </Tile>
      <Tile name="Failed" value={now && count(now.images.failed)}>
        {now && share(now.images.failed, now.images.failed + now.images.stored)}
      </Tile>
    </dl>
  );
}

/** "3.1 % of all tried". */
function share(part: number, whole: number): string {
  if (part === 0) return "none";
  return `${((100 * part) / whole).toLocaleString(undefined, { maximumSignificantDigits: 2 })} % of those tried`;
}

function Tile({ name, value, children }: { name: string; value: string | null; children: ReactNode }) {
  return (
    <Card withBorder padding="sm" className={styles.tile}>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>{value ?? "-"}</dd>
      <Text component="dd" size="sm" c="dimmed" m={0}>
        {children}
      </Text>
    </Card>
  );
}
