import { Button, Card, Group, Modal, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconCircleCheck, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";

import { api, asked, type FailureKind } from "@/api/client";
import { keys } from "@/api/queries";
import { useMayWrite } from "@/api/session";
import { failureWords } from "@/format/failures";
import { count, counted as countedWords } from "@/format/numbers";
import { ViewLink } from "@/parts/view_link";
import { addressOf } from "@/state/address";

import styles from "./activity.module.css";
import { type FailureCount, failureCounts, retriedNotice } from "./failure_counts";
import { useCounters } from "./totals";

/** So many are tried again without a question. */
const fewEnough = 100;

/** Images that failed, by what went wrong, with what can be done about it. */
export function Failures({ counted }: { counted: Partial<Record<string, number>> | undefined }) {
  const fresh = useCounters()?.failed_by_kind;
  const mayWrite = useMayWrite();
  const retry = useRetry();
  const [asking, setAsking] = useState<FailureCount | null>(null);
  const kinds = failureCounts(fresh ?? counted ?? {});
  const most = kinds[0]?.images ?? 1;

  const begin = (failure: FailureCount) => {
    if (failure.images > fewEnough) setAsking(failure);
    else retry.mutate(failure.kind);
  };
  return (
    <Card withBorder padding="sm" component="section" aria-label="Failures">
      <Title order={2} size="h5" mb={4}>
        Failures
      </Title>
      {kinds.length === 0 && (counted || fresh) && (
        <Text c="dimmed" className={styles.allWell}>
          <IconCircleCheck size={18} aria-hidden /> No image has failed.
        </Text>
      )}
      {kinds.length > 0 && !mayWrite && (
        <Text size="sm" c="dimmed">
          This session is read-only: trying again takes a token of scope write.
        </Text>
      )}
      <ul className={styles.failures}>
        {kinds.map((failure) => (
          <li key={failure.kind} className={styles.failure}>
            <FailureText failure={failure} most={most} />
            {mayWrite && (
              <Button
                variant="default"
                size="xs"
                leftSection={<IconRefresh size={15} aria-hidden />}
                aria-label={`Retry all: ${failureWords(failure.kind).what}`}
                loading={retry.isPending && retry.variables === failure.kind}
                onClick={() => begin(failure)}
              >
                Retry all
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Ask
        failure={asking}
        onClose={() => setAsking(null)}
        onYes={(failure) => {
          setAsking(null);
          retry.mutate(failure.kind);
        }}
      />
    </Card>
  );
}

function FailureText({ failure, most }: { failure: FailureCount; most: number }) {
  const { what, advice } = failureWords(failure.kind);
  return (
    <div className={styles.failureText}>
      <Group gap={8} justify="space-between" wrap="nowrap">
        <Text fw={600}>{what}</Text>
        <ViewLink
          href={addressOf("gallery", { state: "failed", failure: failure.kind, nsfw: "show" })}
          className={styles.link}
        >
          {countedWords(failure.images, "image")}
        </ViewLink>
      </Group>
      <div className={styles.bar} style={{ width: `${Math.max(2, (100 * failure.images) / most)}%` }} />
      {advice && (
        <Text size="sm" c="dimmed">
          {advice}
        </Text>
      )}
    </div>
  );
}

interface AskProperties {
  failure: FailureCount | null;
  onClose: () => void;
  onYes: (failure: FailureCount) => void;
}

function Ask({ failure, onClose, onYes }: AskProperties) {
  const what = failure ? failureWords(failure.kind).what : "";
  return (
    <Modal opened={failure !== null} onClose={onClose} title={`Retry all: ${what}`} centered>
      {failure && (
        <>
          <Text>
            {count(failure.images)} images wait again then, and are fetched one more time. Each host is still asked only
            as often as its limit allows.
          </Text>
          <Group justify="flex-end" mt="lg">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button onClick={() => onYes(failure)} data-autofocus>
              Retry {countedWords(failure.images, "image")}
            </Button>
          </Group>
        </>
      )}
    </Modal>
  );
}

function useRetry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (kind: FailureKind) => asked(api.POST("/images/retry", { body: { failure_kind: kind } })),
    onSuccess: ({ retried }) => {
      notifications.show(retriedNotice(retried));
      void client.invalidateQueries({ queryKey: keys.statistics });
      void client.invalidateQueries({ queryKey: keys.images });
    },
    onError: (error) => notifications.show({ color: "red", title: "Nothing was retried", message: error.message }),
  });
}
