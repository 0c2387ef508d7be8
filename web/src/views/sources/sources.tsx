import { Alert, Button, Checkbox, Group, Loader, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { type RefObject, useRef } from "react";

import type { Source } from "@/api/client";
import { useMayWrite } from "@/api/session";
import { count } from "@/format/numbers";
import { Empty } from "@/parts/empty";
import { Trouble } from "@/parts/trouble";
import { addressOf, go, useAddress } from "@/state/address";
import { useDraft } from "@/state/draft";
import { EditSource, NewSource } from "@/views/sources/source_editing";
import { SourceDetail } from "@/views/sources/source_detail";
import { useHours, useLiveSources, useSources, useSourceTypes } from "@/views/sources/source_queries";
import { SourceCards, SourceTable } from "@/views/sources/source_table";
import { useKeptFocus } from "@/views/sources/use_kept_focus";
import { type WantedSources, wantedSources } from "@/views/sources/wanted_sources";

/** More than fit a screen. */
const manySources = 12;

/** Where images are found: all sources, one of them, or the form of one, as the address says. */
export function Sources() {
  const { parameters } = useAddress();
  useLiveSources();
  const id = Number(parameters["source"]);
  const isOne = Number.isSafeInteger(id) && id > 0;
  const listHeading = useRef<HTMLHeadingElement>(null);
  // A source that is deleted on its own page leads back to the list.
  useKeptFocus(listHeading, [isOne || parameters["new"] ? "one" : "all"]);
  if (isOne && parameters["edit"]) return <EditSource key={id} id={id} />;
  if (isOne) return <SourceDetail key={id} id={id} />;
  if (parameters["new"]) return <NewSource typeName={parameters["new"]} />;
  return <AllSources heading={listHeading} />;
}

function openNew() {
  go(addressOf("sources", { new: "source" }));
}

function AllSources({ heading }: { heading: RefObject<HTMLHeadingElement | null> }) {
  const mayWrite = useMayWrite();
  const { data: sources } = useSources();
  useKeptFocus(
    heading,
    (sources ?? []).map((source) => source.id),
  );
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2" ref={heading} tabIndex={-1}>
          Sources
        </Title>
        {mayWrite && sources && sources.length > 0 && <AddButton />}
      </Group>
      <SourceList />
    </Stack>
  );
}

function AddButton() {
  return (
    <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={openNew}>
      Add a source
    </Button>
  );
}

function SourceList() {
  const isWide = useMediaQuery("(min-width: 62em)", true);
  const mayWrite = useMayWrite();
  const { data: sources, error, refetch } = useSources();
  const { data: types } = useSourceTypes();
  const { data: hours } = useHours();
  const [wanted, setWanted] = useDraft<WantedSources>("wanted sources", () => ({
    words: "",
    troubleOnly: false,
  }));
  if (error && !sources) return <Trouble error={error} again={() => void refetch()} />;
  if (!sources) return <Loader aria-label="Loading the sources" />;
  if (sources.length === 0) return <NoSources />;
  const Shown = isWide ? SourceTable : SourceCards;
  const chosen = sources.length > manySources ? wantedSources(sources, wanted) : sources;
  return (
    <>
      {!mayWrite && (
        <Alert color="gray">
          You are signed in with a token that may only read, so sources cannot be changed here.
        </Alert>
      )}
      {sources.length > manySources && <Narrowing sources={sources} wanted={wanted} onChange={setWanted} />}
      {chosen.length === 0 && <Text c="dimmed">None of the {count(sources.length)} sources is like that.</Text>}
      {chosen.length > 0 && <Shown sources={chosen} types={types} hours={hours} />}
    </>
  );
}

interface NarrowingProperties {
  sources: Source[];
  wanted: WantedSources;
  onChange: (wanted: WantedSources) => void;
}

/** Finds one of many sources, or those that something is wrong with. */
function Narrowing({ sources, wanted, onChange }: NarrowingProperties) {
  const troubled = wantedSources(sources, { ...wanted, troubleOnly: true }).length;
  return (
    <Group>
      <TextInput
        type="search"
        aria-label="Find a source"
        placeholder="Name, type or address"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={wanted.words}
        onChange={(event) => onChange({ ...wanted, words: event.currentTarget.value })}
      />
      <Checkbox
        label={`Only with trouble (${count(troubled)})`}
        checked={wanted.troubleOnly}
        onChange={(event) => onChange({ ...wanted, troubleOnly: event.currentTarget.checked })}
      />
    </Group>
  );
}

function NoSources() {
  const mayWrite = useMayWrite();
  return (
    <Empty title="No sources yet" action={mayWrite && <AddButton />}>
      <Text>
        A source is where images are found: a feed, a tag, a search, an API or a list. creel looks there again and
        again, and stores what is new.
      </Text>
      {!mayWrite && <Text mt="sm">To add one, sign in with a token of scope write.</Text>}
    </Empty>
  );
}
