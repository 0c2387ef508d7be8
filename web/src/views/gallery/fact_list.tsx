import { ActionIcon, Anchor, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { Fragment, type ReactNode } from "react";

import type { Image } from "@/api/client";
import { bytes, count } from "@/format/numbers";
import { fullTime } from "@/format/times";
import { ViewLink } from "@/parts/view_link";
import { addressOf } from "@/state/address";

import { failedTries, metaText } from "./image_words";
import { StrangersLink } from "./strangers_link";
import styles from "./light_box.module.css";

interface Fact {
  name: string;
  value: ReactNode;
  /** What the copy button takes; none without it. */
  copy?: string;
}

/** Every fact that is known, by name. */
export function FactList({ image }: { image: Image }) {
  return (
    <dl className={styles.list}>
      {factsOf(image).map(({ name, value, copy }, at) => (
        <Fragment key={`${at} ${name}`}>
          <dt>{name}</dt>
          <dd>
            <span>{value}</span>
            {copy !== undefined && <Copy name={name} text={copy} />}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

function Copy({ name, text }: { name: string; text: string }) {
  // Browsers give the clipboard only to pages that came safely.
  if (!navigator.clipboard) return null;
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : "Copy"} zIndex={500}>
          <ActionIcon
            size="sm"
            variant="subtle"
            color={copied ? "teal" : "gray"}
            aria-label={copied ? "Copied" : `Copy: ${name}`}
            onClick={copy}
          >
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

function factsOf(image: Image): Fact[] {
  const tries = failedTries(image);
  const facts: (Fact | null)[] = [
    { name: "Source", value: <SourceLink image={image} /> },
    ...originFacts(image),
    ...objectFacts(image),
    text("Published", image.published_at && fullTime(image.published_at)),
    text("Found", fullTime(image.found_at)),
    text("Stored", image.stored_at && fullTime(image.stored_at)),
    text("Failed tries", tries > 0 ? count(tries) : null),
    text("Not safe for work", image.nsfw === null ? null : image.nsfw ? "yes" : "no"),
    text("Id at the source", image.image_id, "mono"),
    text("Id in creel", String(image.id), "mono"),
    ...Object.entries(image.meta).map(([name, value]) => text(name, metaText(value))),
  ];
  return facts.filter((fact) => fact !== null);
}

function originFacts(image: Image): (Fact | null)[] {
  return [
    address("Origin", image.image_url),
    image.final_url === image.image_url ? null : address("Came from", image.final_url),
    text("Origin's ETag", image.origin_etag, "mono"),
    text("Last modified", image.origin_last_modified),
  ];
}

function objectFacts(image: Image): (Fact | null)[] {
  return [
    text("Key", image.key, "mono", true),
    image.store_url === null ? null : address("Object", image.store_url),
    text("Size", image.size_bytes === null ? null : `${bytes(image.size_bytes)} (${count(image.size_bytes)} bytes)`),
    text("Dimensions", image.width && image.height ? `${image.width} × ${image.height}` : null),
    text("Type", image.type),
    text("SHA-256", image.sha256, "mono", true),
    text("ETag", image.etag, "mono"),
  ];
}

function text(name: string, value: string | null, look: "plain" | "mono" = "plain", mayCopy = false): Fact | null {
  if (value === null || value === "") return null;
  const shown = look === "mono" ? <span className={styles.mono}>{value}</span> : value;
  return { name, value: shown, ...(mayCopy ? { copy: value } : {}) };
}

function address(name: string, value: string | null): Fact | null {
  if (value === null) return null;
  return { name, value: <StrangersLink address={value}>{value}</StrangersLink>, copy: value };
}

function SourceLink({ image }: { image: Image }) {
  return (
    <Anchor
      component={ViewLink}
      href={addressOf("sources", { source: String(image.source_id) })}
      inherit
      underline="always"
    >
      {image.source}
    </Anchor>
  );
}
