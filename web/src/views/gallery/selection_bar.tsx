import { Button, CloseButton, Progress, Text } from "@mantine/core";
import { IconRefresh, IconTrash } from "@tabler/icons-react";

import { count } from "@/format/numbers";

import styles from "./gallery.module.css";
import type { Selected } from "./use_selected";

/** What can be done with the images that are selected, and how far it is. */
export function SelectionBar({ chosen }: { chosen: Selected }) {
  const { picked, clear, askToDelete, retry } = chosen;
  const { job } = chosen.actions;
  if (picked.length === 0 && !job) return null;
  const failed = picked.filter((image) => image.state === "failed").length;
  return (
    <div role="region" aria-label="Selected images" data-selection-bar className={styles.bar}>
      <Text size="sm" className={styles.picked} role="status">
        {job ? `${job.what} ${count(job.done)} of ${count(job.all)}` : `${count(picked.length)} selected`}
      </Text>
      {failed > 0 && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          disabled={job !== null}
          onClick={() => void retry()}
        >
          {failed === picked.length ? "Retry" : `Retry ${count(failed)} failed`}
        </Button>
      )}
      <Button
        size="xs"
        color="red"
        variant="light"
        leftSection={<IconTrash size={16} aria-hidden />}
        disabled={job !== null}
        onClick={askToDelete}
      >
        Delete
      </Button>
      <CloseButton aria-label="Select nothing" onClick={clear} disabled={job !== null} />
      {job && job.all > 0 && (
        <Progress
          className={styles.progress}
          size="sm"
          value={(100 * job.done) / job.all}
          aria-label={`${job.what} images`}
        />
      )}
    </div>
  );
}
