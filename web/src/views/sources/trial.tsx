import { Alert, Button, Card, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { IconFlask } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { ApiError } from "@/api/client";
import type { components } from "@/api/schema";
import { count, counted } from "@/format/numbers";
import { isAboutRecords, type SecretFields, trialAdvice } from "@/views/sources/poll_advice";
import { RecordGrid } from "@/views/sources/record_card";
import { ShapeTree } from "@/views/sources/shape_tree";

export type SourceTest = components["schemas"]["SourceTest"];
export type TrialRun = (signal: AbortSignal) => Promise<SourceTest>;

interface Properties {
  run: TrialRun;
  /** Told of what the backend refuses about the fields. */
  onRefused: (error: Error) => void;
  canRun: boolean;
  /** Which secrets the fields hold. */
  secrets: SecretFields;
}

type State =
  | { name: "untried" }
  | { name: "running" }
  | { name: "cancelled" }
  | { name: "refused"; error: Error }
  | { name: "done"; result: SourceTest; secrets: SecretFields };

/** "Try it": what a poll would find, before anything is saved. */
export function Trial({ run, onRefused, canRun, secrets }: Properties) {
  const [state, setState] = useState<State>({ name: "untried" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = async () => {
    const control = new AbortController();
    running.current = control;
    setState({ name: "running" });
    try {
      const result = await run(control.signal);
      if (!control.signal.aborted) setState({ name: "done", result, secrets });
    } catch (reason) {
      if (control.signal.aborted) return;
      const error = reason instanceof Error ? reason : new Error(String(reason));
      setState({ name: "refused", error });
      onRefused(error);
    }
  };
  const cancel = () => {
    running.current?.abort();
    setState({ name: "cancelled" });
  };
  return (
    <Card withBorder>
      <Stack>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <Title order={2} size="h4">
              Try it
            </Title>
            <Text size="sm" c="dimmed">
              Polls once and shows what would be found. Nothing is saved or stored.
            </Text>
          </div>
          {state.name === "running" ? (
            <Button variant="default" onClick={cancel} flex="none">
              Stop
            </Button>
          ) : (
            <Button
              variant="light"
              flex="none"
              leftSection={<IconFlask size={18} stroke={1.7} aria-hidden />}
              onClick={() => void start()}
              disabled={!canRun}
            >
              {state.name === "untried" ? "Try it" : "Try again"}
            </Button>
          )}
        </Group>
        <div aria-live="polite">
          <Outcome state={state} />
        </div>
      </Stack>
    </Card>
  );
}

function Outcome({ state }: { state: State }) {
  switch (state.name) {
    case "untried":
      return null;
    case "running":
      return (
        <Group>
          <Loader size="sm" aria-hidden />
          <Text size="sm">Asking the source. This can take a while if it has many pages.</Text>
        </Group>
      );
    case "cancelled":
      return <Text size="sm">Stopped.</Text>;
    case "refused":
      return <Refused error={state.error} />;
    case "done":
      return <Result result={state.result} secrets={state.secrets} />;
  }
}

function Refused({ error }: { error: Error }) {
  const isAboutFields = error instanceof ApiError && (error.problem?.errors?.length ?? 0) > 0;
  return (
    <Text size="sm" c="var(--mantine-color-error)">
      {isAboutFields ? "It cannot be tried like this: see the fields that are marked." : error.message}
    </Text>
  );
}

function Result({ result, secrets }: { result: SourceTest; secrets: SecretFields }) {
  const { records, failure, shape } = result;
  const isUnfinished = isAboutRecords(result);
  return (
    <Stack>
      <Text fw={600}>{isUnfinished ? "No images were found in the answer yet." : summary(result)}</Text>
      {failure &&
        (isUnfinished ? <Unfinished detail={failure.message} /> : <Failed failure={failure} secrets={secrets} />)}
      <LeftOut result={result} />
      {records.length > 0 && <RecordGrid records={records} />}
      {records.length === 0 && shape !== null && <ShapeTree sample={shape} />}
    </Stack>
  );
}

function summary({ records, has_more, unusable, failure }: SourceTest): string {
  if (records.length === 0) {
    if (unusable > 0) return "Nothing that can be used was found.";
    return failure ? "It failed before anything was found." : "Nothing was found.";
  }
  const found = counted(records.length, "image");
  if (failure) return `Found ${found}, then it failed.`;
  return has_more ? `Found ${found}, and there are more.` : `Found ${found}; that is all there is now.`;
}

/** The server did its part; what is written about its answer is not done yet. */
function Unfinished({ detail }: { detail: string }) {
  return (
    <Alert color="blue" title="The answer came, and the program makes no images of it yet">
      <Text size="sm">Each image needs an object with an image_url at least. Below is how the answer is built.</Text>
      <Text size="xs" mt={4} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
        {detail}
      </Text>
    </Alert>
  );
}

function LeftOut({ result: { unusable, unusable_reason } }: { result: SourceTest }) {
  if (unusable === 0) return null;
  const what = `${count(unusable)} ${unusable === 1 ? "record" : "records"} cannot be used`;
  if (!unusable_reason) return <Alert color="yellow">{what}.</Alert>;
  return (
    <Alert color="yellow" style={{ overflowWrap: "anywhere" }}>
      {unusable === 1 ? `${what}: ${unusable_reason}` : `${what}; the first: ${unusable_reason}`}
    </Alert>
  );
}

interface FailedProperties {
  failure: NonNullable<SourceTest["failure"]>;
  secrets: SecretFields;
}

function Failed({ failure, secrets }: FailedProperties) {
  const { what, detail, advice } = trialAdvice(failure, secrets);
  return (
    <Alert color="red" title={what}>
      <Text size="sm">{advice}</Text>
      <Text size="xs" mt={4} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
        {detail}
      </Text>
    </Alert>
  );
}
