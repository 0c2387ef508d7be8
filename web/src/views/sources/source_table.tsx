import { Card, Group, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { Fragment } from "react";

import type { Source } from "@/api/client";
import { count, counted } from "@/format/numbers";
import { SourceStateBadge } from "@/parts/state_badge";
import { Time } from "@/parts/time";
import { ViewLink } from "@/parts/view_link";
import { addressOf, type Parameters } from "@/state/address";
import { hourlyCounts, type StoredInHour } from "@/views/sources/hours";
import { SourceActions } from "@/views/sources/source_actions";
import { foundCount, isPolled } from "@/views/sources/source_cache";
import classes from "@/views/sources/source_table.module.css";
import { SourceTrouble } from "@/views/sources/source_trouble";
import { isPutOff, sourceTrouble } from "@/views/sources/poll_advice";
import { type SourceType, typeLabel } from "@/views/sources/source_words";
import { Sparkline } from "@/views/sources/sparkline";

interface Properties {
  sources: Source[];
  types: SourceType[] | undefined;
  hours: Map<number, StoredInHour[]> | undefined;
}

interface RowProperties extends Omit<Properties, "sources"> {
  source: Source;
}

/** The sources in a table, for screens that are wide enough. */
export function SourceTable({ sources, ...others }: Properties) {
  return (
    <Table.ScrollContainer minWidth={900}>
      <Table verticalSpacing="sm" highlightOnHover={false}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Last poll</Table.Th>
            <Table.Th>Next poll</Table.Th>
            <Table.Th className={classes.number}>Found</Table.Th>
            <Table.Th className={classes.number}>Stored</Table.Th>
            <Table.Th className={classes.number}>Failed</Table.Th>
            <Table.Th>Last day</Table.Th>
            <Table.Th>Actions</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sources.map((source) => (
            <Fragment key={source.id}>
              <Row source={source} {...others} />
              {sourceTrouble(source) && (
                <Table.Tr className={classes.trouble}>
                  <Table.Td colSpan={9}>
                    <SourceTrouble source={source} />
                  </Table.Td>
                </Table.Tr>
              )}
            </Fragment>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ source, types, hours }: RowProperties) {
  const hasTrouble = sourceTrouble(source) !== null;
  return (
    <Table.Tr bd={hasTrouble ? "0" : undefined}>
      <Table.Td maw={320}>
        <SourceName source={source} />
        <Text size="xs" c="dimmed">
          {typeLabel(types, source.type)}
        </Text>
      </Table.Td>
      <Table.Td>{isPolled(source) && <SourceStateBadge source={source} />}</Table.Td>
      <Table.Td className={classes.time}>
        <LastPoll source={source} />
      </Table.Td>
      <Table.Td className={classes.time}>
        <NextPoll source={source} />
      </Table.Td>
      <Table.Td className={classes.number}>
        <Count source={source} value={foundCount(source)} what="found" />
        {source.counts.pending + source.counts.storing > 0 && (
          <Text size="xs" c="dimmed">
            {count(source.counts.pending + source.counts.storing)} waiting
          </Text>
        )}
      </Table.Td>
      <Table.Td className={classes.number}>
        <Count source={source} value={source.counts.stored} what="stored" filter={{ state: "stored" }} />
      </Table.Td>
      <Table.Td className={classes.number}>
        <Count source={source} value={source.counts.failed} what="failed" filter={{ state: "failed" }} />
      </Table.Td>
      <Table.Td>
        <Sparkline counts={hourlyCounts(hours?.get(source.id) ?? [], new Date())} />
      </Table.Td>
      <Table.Td>
        <SourceActions source={source} form="short" />
      </Table.Td>
    </Table.Tr>
  );
}

function SourceName({ source }: { source: Source }) {
  return (
    <ViewLink className={classes.name} href={addressOf("sources", { source: String(source.id) })}>
      {source.name}
    </ViewLink>
  );
}

function LastPoll({ source }: { source: Source }) {
  if (!isPolled(source)) return <>-</>;
  return source.last_poll ? <Time at={source.last_poll} /> : <>never</>;
}

/** When the source is polled next, in words where there is no time. */
export function NextPoll({ source }: { source: Source }) {
  if (source.state === "fetching" || source.state === "stopping") return <>now</>;
  if (source.next_poll === null) return <>-</>;
  return (
    <>
      <Time at={source.next_poll} overdue="due" />
      {isPutOff(source) && (
        <Text size="xs" c="dimmed">
          put off after the failure
        </Text>
      )}
    </>
  );
}

interface CountProperties {
  source: Source;
  value: number;
  what: string;
  filter?: Parameters;
}

/** A number that leads to its images in the gallery. */
function Count({ source, value, what, filter }: CountProperties) {
  if (value === 0) return <>0</>;
  return (
    <ViewLink
      className={classes.count}
      aria-label={`${counted(value, "image")} ${what}, show them`}
      href={addressOf("gallery", { source: String(source.id), ...filter })}
    >
      {count(value)}
    </ViewLink>
  );
}

/** The same as cards, for small screens. */
export function SourceCards({ sources, ...others }: Properties) {
  return (
    <Stack component="ul" p={0} m={0} style={{ listStyle: "none" }}>
      {sources.map((source) => (
        <li key={source.id}>
          <SourceCard source={source} {...others} />
        </li>
      ))}
    </Stack>
  );
}

function SourceCard({ source, types, hours }: RowProperties) {
  return (
    <Card withBorder padding="sm">
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <SourceName source={source} />
            <Text size="xs" c="dimmed">
              {typeLabel(types, source.type)}
            </Text>
          </div>
          {isPolled(source) && <SourceStateBadge source={source} />}
        </Group>
        <SourceTrouble source={source} />
        <SimpleGrid cols={3} spacing="xs">
          <Figure label="Found">
            <Count source={source} value={foundCount(source)} what="found" />
          </Figure>
          <Figure label="Stored">
            <Count source={source} value={source.counts.stored} what="stored" filter={{ state: "stored" }} />
          </Figure>
          <Figure label="Failed">
            <Count source={source} value={source.counts.failed} what="failed" filter={{ state: "failed" }} />
          </Figure>
          <Figure label="Last poll">
            <LastPoll source={source} />
          </Figure>
          <Figure label="Next poll">
            <NextPoll source={source} />
          </Figure>
          <Figure label="Last day">
            <Sparkline counts={hourlyCounts(hours?.get(source.id) ?? [], new Date())} />
          </Figure>
        </SimpleGrid>
        <SourceActions source={source} form="short" />
      </Stack>
    </Card>
  );
}

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="sm" component="div">
        {children}
      </Text>
    </div>
  );
}
