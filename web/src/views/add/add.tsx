import { Alert, Anchor, Button, Group, Progress, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { useState } from "react";

import { useMayWrite } from "@/api/session";
import { count } from "@/format/numbers";
import { Empty } from "@/parts/empty";
import { ViewLink } from "@/parts/view_link";
import { addressOf } from "@/state/address";
import type { AddJob, Entry, Totals } from "@/views/add/add_job";
import { useAddJob, useCheckUp } from "@/views/add/add_work";
import { Compose } from "@/views/add/compose";
import { FateList } from "@/views/add/fate_list";
import { filters, isIn, type Filter, spokenSummary, summary } from "@/views/add/fates";

/** Images added by hand, and what becomes of each. */
export function Add() {
  const mayWrite = useMayWrite();
  const job = useAddJob();
  useCheckUp(job);
  return (
    <Stack maw={1100} mx="auto">
      <div>
        <Title order={1} size="h2">
          Add images
        </Title>
        <Text c="dimmed">creel fetches them and keeps a copy, and shows here what becomes of each.</Text>
      </div>
      {mayWrite ? (
        <Compose isSending={job.isSending} onSend={(images) => void job.send(images)} />
      ) : (
        <Empty title="This session may only read">To add images, sign in with a token of scope write.</Empty>
      )}
      {job.entries.length > 0 && <Fates job={job} mayWrite={mayWrite} />}
    </Stack>
  );
}

function Fates({ job, mayWrite }: { job: AddJob; mayWrite: boolean }) {
  const [filter, setFilter] = useState<Filter>("all");
  const totals = job.totals();
  // A choice that holds nothing any more would show an empty list.
  const shown = filters.find((one) => one.name === filter && one.count(totals) > 0)?.name ?? "all";
  const entries: Entry[] = shown === "all" ? job.entries : job.entries.filter((entry) => isIn(entry, shown));
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h4">
          What became of them
        </Title>
        <Group gap="xs">
          {mayWrite && totals.failed > 1 && (
            <Button variant="default" size="compact-sm" onClick={() => void job.retryFailed()}>
              Try all {count(totals.failed)} failed again
            </Button>
          )}
          <Button variant="default" size="compact-sm" disabled={job.isSending} onClick={() => job.clear()}>
            Clear this list
          </Button>
        </Group>
      </Group>
      <Sending job={job} totals={totals} />
      <Group gap="xs">
        <Text size="sm">{summary(totals)}</Text>
        <GalleryLink entries={job.entries} />
      </Group>
      <VisuallyHidden role="status">{spokenSummary(totals, job.isSending)}</VisuallyHidden>
      <Filters totals={totals} chosen={shown} onChoose={setFilter} />
      <FateList job={job} entries={entries} mayWrite={mayWrite} />
    </Stack>
  );
}

/** To all that were ever added by hand. */
function GalleryLink({ entries }: { entries: Entry[] }) {
  const source = entries.find((entry) => entry.stored !== null)?.stored?.source_id;
  if (source === undefined) return null;
  return (
    <Anchor component={ViewLink} href={addressOf("gallery", { source: String(source) })} size="sm">
      See them in the gallery
    </Anchor>
  );
}

function Sending({ job, totals }: { job: AddJob; totals: Totals }) {
  const sent = totals.all - totals.unsent;
  if (job.isSending && totals.unsent > 0) {
    return (
      <Group wrap="nowrap">
        <Progress value={(sent / totals.all) * 100} flex={1} aria-label="URLs sent" />
        <Text size="sm">
          {count(sent)} of {count(totals.all)} sent
        </Text>
        <Button variant="default" size="compact-sm" onClick={() => job.stopSending()}>
          Stop
        </Button>
      </Group>
    );
  }
  if (totals.unsent === 0) return null;
  return (
    <Alert color={job.error ? "red" : "gray"} role="alert" title={job.error ? "Sending has stopped" : "Stopped"}>
      <Group justify="space-between">
        <Text size="sm">
          {job.error ? `${job.error.message} ` : ""}
          {count(totals.unsent)} of {count(totals.all)} are not sent yet.
        </Text>
        <Button variant="default" size="compact-sm" onClick={() => void job.sendRest()}>
          Send the rest
        </Button>
      </Group>
    </Alert>
  );
}

interface FiltersProperties {
  totals: Totals;
  chosen: Filter;
  onChoose: (filter: Filter) => void;
}

function Filters({ totals, chosen, onChoose }: FiltersProperties) {
  const some = filters.filter((one) => one.count(totals) > 0);
  if (some.length < 3) return null;
  return (
    <Group gap={6} role="group" aria-label="Which images are shown">
      {some.map((one) => (
        <Button
          key={one.name}
          size="compact-sm"
          variant={one.name === chosen ? "filled" : "default"}
          aria-pressed={one.name === chosen}
          onClick={() => onChoose(one.name)}
        >
          {one.label} {count(one.count(totals))}
        </Button>
      ))}
    </Group>
  );
}
