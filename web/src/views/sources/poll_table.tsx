import { Loader, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";

import type { Source } from "@/api/client";
import { pollFailureWords } from "@/format/failures";
import { count } from "@/format/numbers";
import { duration } from "@/format/times";
import { Time } from "@/parts/time";
import { Trouble } from "@/parts/trouble";
import type { Poll } from "@/views/sources/source_cache";
import { usePolls } from "@/views/sources/source_queries";
import classes from "@/views/sources/source_table.module.css";

/** The last polls of a source, the newest first. */
export function PollTable({ source }: { source: Source }) {
  const isWide = useMediaQuery("(min-width: 48em)", true);
  const { data: polls, error, refetch } = usePolls(source.id);
  if (error && !polls) return <Trouble error={error} again={() => void refetch()} />;
  if (!polls) return <Loader size="sm" aria-label="Loading the polls" />;
  if (polls.length === 0) {
    const next =
      source.state === "stopped" ? "Start it, or fetch once, to see what it finds." : "The first one is due.";
    return <Text size="sm">It has not been polled yet. {next}</Text>;
  }
  return (
    <Table verticalSpacing="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Began</Table.Th>
          <Table.Th>Took</Table.Th>
          <Table.Th className={classes.number}>Found</Table.Th>
          <Table.Th className={classes.number}>New</Table.Th>
          {isWide && <Table.Th>Outcome</Table.Th>}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {polls.map((poll) => (
          <PollRow key={poll.id} poll={poll} isWide={isWide} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** On a small screen the outcome stands below the figures. */
function PollRow({ poll, isWide }: { poll: Poll; isWide: boolean }) {
  return (
    <>
      <Table.Tr className={isWide ? undefined : classes.poll}>
        <Table.Td className={classes.time}>
          <Time at={poll.started_at} />
        </Table.Td>
        <Table.Td className={classes.time}>{took(poll)}</Table.Td>
        <Table.Td className={classes.number}>{count(poll.found)}</Table.Td>
        <Table.Td className={classes.number}>{count(poll.new)}</Table.Td>
        {isWide && (
          <Table.Td>
            <Outcome poll={poll} />
          </Table.Td>
        )}
      </Table.Tr>
      {!isWide && (
        <Table.Tr>
          <Table.Td colSpan={4} pt={0}>
            <Outcome poll={poll} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function took(poll: Poll): string {
  if (poll.ended_at === null) return "-";
  const seconds = (new Date(poll.ended_at).getTime() - new Date(poll.started_at).getTime()) / 1000;
  return seconds < 1 ? "under 1 s" : duration(seconds);
}

function Outcome({ poll }: { poll: Poll }) {
  if (poll.ended_at === null) return <Text size="sm">under way</Text>;
  if (poll.failure === null) return <Text size="sm">{poll.found === 0 ? "nothing new" : "ok"}</Text>;
  return (
    <>
      <Text size="sm" fw={600}>
        {pollFailureWords(poll.failure)}
      </Text>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {poll.failure.message}
      </Text>
    </>
  );
}
