import { ActionIcon, Anchor, Badge, Text, Tooltip } from "@mantine/core";
import { IconClock, IconPhotoOff, IconRefresh } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";

import { contentUrl } from "@/api/client";
import { failureWords } from "@/format/failures";
import { imageName } from "@/format/image_name";
import { bytes } from "@/format/numbers";
import { ImageStateBadge } from "@/parts/state_badge";
import { ViewLink } from "@/parts/view_link";
import { addressOf } from "@/state/address";
import classes from "@/views/add/add.module.css";
import type { AddJob, Entry } from "@/views/add/add_job";

interface Properties {
  job: AddJob;
  entries: Entry[];
  mayWrite: boolean;
}

const usualRow = 65;

/** Each image and where it is on its way; of ten thousand only those are drawn that are seen. */
export function FateList({ job, entries, mayWrite }: Properties) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => box.current,
    estimateSize: () => usualRow,
    getItemKey: (place) => entries[place]?.key ?? place,
    overscan: 8,
  });
  return (
    <div ref={box} className={classes.list} tabIndex={0} role="region" aria-label="The images that were added">
      <div className={classes.rows} role="list" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const entry = entries[row.index];
          return (
            entry && (
              <div
                key={row.key}
                ref={rows.measureElement}
                data-index={row.index}
                className={classes.row}
                role="listitem"
                aria-setsize={entries.length}
                aria-posinset={row.index + 1}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <Thumb entry={entry} />
                <What entry={entry} />
                <End entry={entry} onRetry={mayWrite ? () => void job.retry(entry) : null} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function Thumb({ entry }: { entry: Entry }) {
  const [isBroken, setBroken] = useState(false);
  if (entry.fate !== "stored" || entry.id === null || isBroken) {
    const Icon = entry.fate === "failed" || entry.fate === "refused" || isBroken ? IconPhotoOff : IconClock;
    return (
      <div className={classes.thumb}>
        <Icon size={20} stroke={1.5} aria-hidden />
      </div>
    );
  }
  return (
    <ViewLink
      className={classes.thumb}
      href={addressOf("gallery", { image: String(entry.id) })}
      aria-label={`Show ${imageName(entry.stored ?? entry.image)}`}
    >
      <img
        src={contentUrl({ id: entry.id, sha256: entry.stored?.sha256 ?? null })}
        alt=""
        loading="lazy"
        decoding="async"
        onError={() => setBroken(true)}
      />
    </ViewLink>
  );
}

function What({ entry }: { entry: Entry }) {
  const url = entry.image.image_url;
  return (
    <div className={classes.what}>
      <Anchor className={classes.url} href={url} target="_blank" rel="noopener noreferrer" size="sm" title={url}>
        {url.replace(/^https?:\/\//i, "")}
      </Anchor>
      <Text size="xs" c="dimmed" lineClamp={2} title={entry.why?.message} style={{ overflowWrap: "anywhere" }}>
        {explanation(entry)}
      </Text>
    </div>
  );
}

/** What there is to say about an image beside its state. */
export function explanation({ fate, why, stored, isNew, id }: Entry): string {
  if (why && fate !== "stored") {
    if (why.kind === null) return why.message;
    const { what, advice } = failureWords(why.kind);
    if (fate === "refused") return `${what}: ${why.message}`;
    return fate === "failed" ? `${what}. ${advice}` : `${what}. It is tried again.`;
  }
  const known = id !== null && !isNew ? "Known already" : "";
  if (stored?.state !== "stored") return known;
  const size = stored.width && stored.height ? `${stored.width} × ${stored.height}` : "";
  const weight = stored.size_bytes === null ? "" : bytes(stored.size_bytes);
  return [known, stored.title, size, weight].filter(Boolean).join(", ");
}

function End({ entry, onRetry }: { entry: Entry; onRetry: (() => void) | null }) {
  return (
    <div className={classes.end}>
      {entry.fate === "failed" && onRetry && (
        <Tooltip label="Try again">
          <ActionIcon variant="default" aria-label={`Try again: ${entry.image.image_url}`} onClick={onRetry}>
            <IconRefresh size={16} stroke={1.7} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      <FateBadge entry={entry} />
    </div>
  );
}

function FateBadge({ entry: { fate } }: { entry: Entry }) {
  switch (fate) {
    case "unsent":
      return (
        <Badge color="gray" variant="outline">
          not sent
        </Badge>
      );
    case "refused":
      return (
        <Badge color="orange" variant="light" autoContrast>
          refused
        </Badge>
      );
    case "waiting":
      return <ImageStateBadge state="pending" />;
    default:
      return <ImageStateBadge state={fate} />;
  }
}
