import { Text, Tooltip } from "@mantine/core";
import { useSyncExternalStore } from "react";

import { fromNow, fullTime, untilThen } from "@/format/times";

let now = new Date();
const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | null = null;

function watch(watcher: () => void) {
  watchers.add(watcher);
  ticking ??= setInterval(() => {
    now = new Date();
    for (const one of watchers) one();
  }, 5_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0 && ticking) {
      clearInterval(ticking);
      ticking = null;
    }
  };
}

interface Properties {
  at: string | null;
  /** Of a time to come: what stands there once it is past. */
  overdue?: string;
}

/** "5 min ago", kept up to date, with the full time for who points at it. Nothing known: a dash. */
export function Time({ at, overdue }: Properties) {
  useSyncExternalStore(watch, () => now);
  if (at === null) return <Text span>-</Text>;
  return (
    <Tooltip label={fullTime(at)}>
      <time dateTime={at}>{overdue === undefined ? fromNow(at) : untilThen(at, overdue)}</time>
    </Tooltip>
  );
}
