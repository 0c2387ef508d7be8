import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconDownload, IconRefresh, IconTrash } from "@tabler/icons-react";

import { contentUrl, type Image } from "@/api/client";
import { failureWords } from "@/format/failures";
import { imageName } from "@/format/image_name";
import { ImageStateBadge } from "@/parts/state_badge";
import { Time } from "@/parts/time";

import { FactList } from "./fact_list";
import { isWebAddress } from "./image_words";
import { StrangersLink } from "./strangers_link";
import styles from "./light_box.module.css";
import { downloadName } from "./light_box_tools";

interface Properties {
  image: Image;
  /** Null if it cannot be done. */
  onDelete: (() => void) | null;
  onRetry: (() => void) | null;
  isBusy: boolean;
}

/** All that is known of an image, and what can be done with it. */
export function ImageFacts({ image, onDelete, onRetry, isBusy }: Properties) {
  return (
    <aside className={styles.facts} aria-label="Details">
      <Stack gap="md">
        <Group gap="xs" justify="space-between" align="flex-start" wrap="nowrap">
          <Title order={2} size="h4" className={styles.text}>
            {imageName(image)}
          </Title>
          <ImageStateBadge state={image.state} />
        </Group>
        <Author image={image} />
        {image.description && (
          <Text size="sm" className={styles.text}>
            {image.description}
          </Text>
        )}
        <FailureNotice image={image} />
        <Group gap="xs">
          {image.state === "stored" && (
            <Button
              component="a"
              href={contentUrl(image)}
              download={downloadName(image)}
              size="xs"
              variant="default"
              leftSection={<IconDownload size={16} aria-hidden />}
            >
              Download
            </Button>
          )}
          {onRetry && (
            <Button size="xs" loading={isBusy} leftSection={<IconRefresh size={16} aria-hidden />} onClick={onRetry}>
              Retry
            </Button>
          )}
          {onDelete && (
            <Button
              size="xs"
              color="red"
              variant="light"
              loading={isBusy}
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={onDelete}
            >
              Delete
            </Button>
          )}
        </Group>
        <FactList image={image} />
      </Stack>
    </aside>
  );
}

function Author({ image }: { image: Image }) {
  const name = image.attribution_name ?? image.attribution_id;
  if (!name && !isWebAddress(image.page_url)) return null;
  return (
    <Group gap="md">
      {name && (
        <Text size="sm">
          by <StrangersLink address={image.attribution_url}>{name}</StrangersLink>
        </Text>
      )}
      {isWebAddress(image.page_url) && (
        <Text size="sm">
          <StrangersLink address={image.page_url}>Its page</StrangersLink>
        </Text>
      )}
    </Group>
  );
}

function FailureNotice({ image }: { image: Image }) {
  if (image.failure_kind === null || image.state === "stored" || image.state === "deleted") return null;
  const { what, advice } = failureWords(image.failure_kind);
  return (
    <Alert className={styles.failure} color={image.state === "failed" ? "red" : "yellow"} title={what} p="sm">
      <Stack gap={6}>
        {image.failure_message && (
          <Text size="sm" className={styles.text}>
            {image.failure_message}
          </Text>
        )}
        <Text size="sm">{advice}</Text>
        {image.next_attempt_at && (
          <Text size="sm">
            Next try: <Time at={image.next_attempt_at} overdue="due" />
          </Text>
        )}
        {image.state === "failed" && (
          <Text size="sm">
            <StrangersLink address={image.image_url}>Look at the origin</StrangersLink>
          </Text>
        )}
      </Stack>
    </Alert>
  );
}
