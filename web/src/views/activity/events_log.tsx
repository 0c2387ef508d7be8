import { Button, Card, Text, Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCheck,
  IconClockPause,
  IconPhoto,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconRss,
  IconX,
} from "@tabler/icons-react";
import { type FocusEvent, memo, type PointerEvent, useState, useSyncExternalStore } from "react";

import { contentUrl } from "@/api/client";
import { counted } from "@/format/numbers";
import { fullTime } from "@/format/times";
import { ViewLink } from "@/parts/view_link";
import { addressOf } from "@/state/address";

import styles from "./events_log.module.css";
import type { EventLine, LineKind } from "./event_lines";
import { eventLog } from "./history";

/** The last events, the newest first. */
export function EventsLog() {
  const { lines, isPaused, setPaused, waiting, holding } = useHeldLines();
  return (
    <Card withBorder padding={0} component="section" aria-label="Last events" className={styles.card}>
      <div className={styles.head}>
        <Title order={2} size="h5">
          Last events
        </Title>
        <Text size="sm" c="dimmed" className={styles.waiting}>
          {waiting > 0 ? `${counted(waiting, "new line")} held back` : ""}
        </Text>
        <Button
          variant="default"
          size="xs"
          leftSection={isPaused ? <IconPlayerPlay size={15} aria-hidden /> : <IconPlayerPause size={15} aria-hidden />}
          onClick={() => setPaused(!isPaused)}
        >
          {isPaused ? "Go on" : "Pause"}
        </Button>
      </div>
      {lines.length === 0 ? (
        <Text c="dimmed" p="md">
          Nothing has happened yet. Images that are stored or fail, polls that bring something new or fail, and sources
          that start or stop show here.
        </Text>
      ) : (
        <ol className={styles.lines} tabIndex={0} aria-label="Last events, the newest first" {...holding}>
          {lines.map((line) => (
            <Line key={line.key} line={line} />
          ))}
        </ol>
      )}
    </Card>
  );
}

/** The log's lines, held still on request, and while somebody is about to click on one. */
function useHeldLines() {
  const newest = useSyncExternalStore(eventLog.watch, eventLog.lines);
  const [isPaused, setPaused] = useState(false);
  const [isTouched, setTouched] = useState(false);
  const [held, setHeld] = useState<readonly EventLine[] | null>(null);
  const isHeld = isPaused || isTouched;
  if (isHeld && held === null) setHeld(newest);
  if (!isHeld && held !== null) setHeld(null);
  const lines = (isHeld && held) || newest;
  const top = lines[0]?.key ?? 0;
  return {
    lines,
    isPaused,
    setPaused,
    waiting: newest.filter((line) => line.key > top).length,
    holding: {
      onPointerEnter: (event: PointerEvent) => event.pointerType === "mouse" && setTouched(true),
      onPointerLeave: () => setTouched(false),
      onFocus: () => setTouched(true),
      onBlur: (event: FocusEvent<HTMLElement>) =>
        setTouched(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)),
    },
  };
}

const icons: Record<LineKind, typeof IconCheck> = {
  stored: IconPhoto,
  failed: IconX,
  retrying: IconRefresh,
  source: IconRss,
  poll: IconCheck,
  trouble: IconAlertTriangle,
  missed: IconClockPause,
};

const Line = memo(function Line({ line }: { line: EventLine }) {
  const href = hrefOf(line);
  return (
    <li className={styles.line} data-kind={line.kind}>
      <Sign line={line} />
      <div className={styles.text}>
        {href ? (
          <ViewLink href={href} className={styles.title}>
            {line.title}
          </ViewLink>
        ) : (
          <span className={styles.title}>{line.title}</span>
        )}
        <span className={styles.detail}>{line.detail}</span>
      </div>
      <time dateTime={line.at} title={fullTime(line.at)} className={styles.time}>
        {new Date(line.at).toLocaleTimeString()}
      </time>
    </li>
  );
});

function Sign({ line }: { line: EventLine }) {
  const [isBroken, setBroken] = useState(false);
  if (line.image?.hasThumbnail && !isBroken) {
    return (
      <img
        src={contentUrl({ id: line.image.id, sha256: null })}
        alt=""
        width={44}
        height={44}
        loading="lazy"
        decoding="async"
        className={styles.thumbnail}
        onError={() => setBroken(true)}
      />
    );
  }
  const Icon = icons[line.kind];
  return (
    <span className={styles.icon}>
      <Icon size={20} stroke={1.7} aria-hidden />
    </span>
  );
}

function hrefOf(line: EventLine): string | null {
  if (line.image) return addressOf("gallery", { image: String(line.image.id) });
  return line.sourceId === undefined ? null : addressOf("sources", { source: String(line.sourceId) });
}
