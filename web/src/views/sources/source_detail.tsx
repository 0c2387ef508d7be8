import { Anchor, Card, Group, Loader, SimpleGrid, Stack, Text, Title } from "@mantine/core";

import { ApiError, type Source } from "@/api/client";
import { count } from "@/format/numbers";
import { Empty } from "@/parts/empty";
import { SourceStateBadge } from "@/parts/state_badge";
import { Time } from "@/parts/time";
import { Trouble } from "@/parts/trouble";
import { ViewLink } from "@/parts/view_link";
import { addressOf } from "@/state/address";
import { BackLink } from "@/views/sources/back_link";
import { Facts } from "@/views/sources/facts";
import { PollTable } from "@/views/sources/poll_table";
import { SourceActions } from "@/views/sources/source_actions";
import { foundCount, isPolled } from "@/views/sources/source_cache";
import { headerLines } from "@/views/sources/source_form_state";
import { useSource, useSourceTypes } from "@/views/sources/source_queries";
import { NextPoll } from "@/views/sources/source_table";
import { SourceTrouble } from "@/views/sources/source_trouble";
import { everyText, isProgram, type SettingSpec, type SourceType, typeLabel } from "@/views/sources/source_words";

/** One source: what it is, how it goes, and what its last polls brought. */
export function SourceDetail({ id }: { id: number }) {
  const { data: source, error, refetch } = useSource(id);
  const { data: types } = useSourceTypes();
  return (
    <Stack>
      <BackLink href={addressOf("sources")}>All sources</BackLink>
      {source && <Found source={source} types={types} />}
      {!source && error && <NotFound error={error} again={() => void refetch()} />}
      {!source && !error && <Loader aria-label="Loading the source" />}
    </Stack>
  );
}

function NotFound({ error, again }: { error: Error; again: () => void }) {
  if (!(error instanceof ApiError) || error.status !== 404) return <Trouble error={error} again={again} />;
  return <Empty title="There is no such source">It may have been deleted. Its images are still in the gallery.</Empty>;
}

function Found({ source, types }: { source: Source; types: SourceType[] | undefined }) {
  const type = types?.find((one) => one.name === source.type);
  return (
    <>
      <Group gap="sm" align="center">
        <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
          {source.name}
        </Title>
        {isPolled(source) && <SourceStateBadge source={source} />}
      </Group>
      <SourceActions source={source} form="full" />
      <SourceTrouble source={source} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Card withBorder>
          <Title order={2} size="h4" mb="sm">
            How it goes
          </Title>
          <Facts facts={progress(source)} />
        </Card>
        <Card withBorder>
          <Title order={2} size="h4" mb="sm">
            Settings
          </Title>
          <Facts facts={settings(source, type, types)} />
        </Card>
      </SimpleGrid>
      {isPolled(source) && (
        <Card withBorder>
          <Title order={2} size="h4" mb="sm">
            Last polls
          </Title>
          <PollTable source={source} />
        </Card>
      )}
    </>
  );
}

function progress(source: Source): [string, React.ReactNode][] {
  const { pending, storing, stored, failed, deleted } = source.counts;
  const images = (state?: string) =>
    addressOf("gallery", { source: String(source.id), ...(state !== undefined && { state }) });
  const facts: [string, React.ReactNode][] = [
    ["Images found", <ImageCount key="found" value={foundCount(source)} href={images()} />],
    ["Stored", <ImageCount key="stored" value={stored} href={images("stored")} />],
    ["Failed", <ImageCount key="failed" value={failed} href={images("failed")} />],
    ["Waiting", count(pending + storing)],
    ["Deleted", count(deleted)],
  ];
  if (!isPolled(source)) return facts;
  return [
    ...facts,
    ["Last poll", source.last_poll ? <Time key="last" at={source.last_poll} /> : "never"],
    ["Next poll", <NextPoll key="next" source={source} />],
  ];
}

function ImageCount({ value, href }: { value: number; href: string }) {
  return (
    <Group component="span" gap="xs">
      {count(value)}
      {value > 0 && (
        <Anchor component={ViewLink} href={href} inherit>
          Show them
        </Anchor>
      )}
    </Group>
  );
}

function settings(
  source: Source,
  type: SourceType | undefined,
  types: SourceType[] | undefined,
): [string, React.ReactNode][] {
  const facts: [string, React.ReactNode][] = [["Kind", typeLabel(types, source.type)]];
  if (source.url) facts.push(["Address", <Address key="url" url={source.url} />]);
  if (isPolled(source)) {
    facts.push(["Polled", everyText(source.interval)]);
    facts.push([
      "Rate limit",
      source.rate_limit === null ? "none" : `${count(source.rate_limit)} requests a minute at most`,
    ]);
  }
  const values = source.settings as Record<string, unknown>;
  for (const spec of type?.settings ?? []) {
    const value = values[spec.name];
    if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    facts.push([spec.label, <Value key={spec.name} spec={spec} value={value} />]);
  }
  return facts;
}

function Address({ url }: { url: string }) {
  if (!/^https?:\/\//.test(url)) return <>{url}</>;
  return (
    <Anchor href={url} target="_blank" rel="noopener noreferrer" inherit style={{ overflowWrap: "anywhere" }}>
      {url}
    </Anchor>
  );
}

function Value({ spec, value }: { spec: SettingSpec; value: unknown }) {
  if (spec.type === "secret") return <>is set; it is never shown</>;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (spec.type === "url") return <Address url={String(value)} />;
  if (Array.isArray(value)) return <>{value.join(", ")}</>;
  const text = typeof value === "object" ? headerLines(value as Record<string, string>) : String(value);
  if (!isProgram(spec) && !text.includes("\n")) return <>{text}</>;
  return (
    <Text component="pre" ff="monospace" size="xs" m={0} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      {text}
    </Text>
  );
}
