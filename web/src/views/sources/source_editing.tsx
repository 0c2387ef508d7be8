import { Alert, Button, Checkbox, Group, List, Loader, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";

import { api, asked, type Source } from "@/api/client";
import { useMayWrite } from "@/api/session";
import { Trouble } from "@/parts/trouble";
import { addressOf, go } from "@/state/address";
import { forgetDraft, useDraft } from "@/state/draft";
import { BackLink } from "@/views/sources/back_link";
import { KindChoice } from "@/views/sources/kind_choice";
import { SourceFields } from "@/views/sources/source_form";
import classes from "@/views/sources/source_form.module.css";
import {
  changedBody,
  emptyForm,
  errorsElsewhere,
  formErrors,
  formOf,
  newBody,
  secretFields,
  type SourceForm,
  testedBody,
} from "@/views/sources/source_form_state";
import { keepAnswer, useSource, useSources, useSourceTypes } from "@/views/sources/source_queries";
import { asSentence, type SourceType, suggestedName } from "@/views/sources/source_words";
import { Trial, type TrialRun } from "@/views/sources/trial";

/** Makes a source: first of which kind, then its fields. */
export function NewSource({ typeName }: { typeName: string }) {
  const mayWrite = useMayWrite();
  const { data: types, error, refetch } = useSourceTypes();
  const type = types?.find((one) => one.name === typeName && one.polled);
  const back = type ? addressOf("sources", { new: "source" }) : addressOf("sources");
  return (
    <Stack>
      <BackLink href={back}>{type ? "Another kind of source" : "All sources"}</BackLink>
      <div>
        <Title order={1} size="h2">
          {type ? `Add a source: ${type.label}` : "Add a source"}
        </Title>
        <Text c="dimmed">{type ? asSentence(type.help) : "Where are the images?"}</Text>
      </div>
      {!mayWrite && <ReadOnly />}
      {!types && error && <Trouble error={error} again={() => void refetch()} />}
      {!types && !error && <Loader aria-label="Loading the kinds of sources" />}
      {mayWrite && types && !type && <KindChoice types={types} />}
      {mayWrite && type && <Editor key={type.name} type={type} source={null} />}
    </Stack>
  );
}

/** Changes a source. */
export function EditSource({ id }: { id: number }) {
  const mayWrite = useMayWrite();
  const { data: source, error, refetch } = useSource(id);
  const { data: types } = useSourceTypes();
  const type = types?.find((one) => one.name === source?.type);
  return (
    <Stack>
      <BackLink href={addressOf("sources", { source: String(id) })}>{source ? source.name : "The source"}</BackLink>
      <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
        {source ? `Edit ${source.name}` : "Edit a source"}
      </Title>
      {!mayWrite && <ReadOnly />}
      {!source && error && <Trouble error={error} again={() => void refetch()} />}
      {(!source || !types) && !error && <Loader aria-label="Loading the source" />}
      {source && types && !type && (
        <Alert color="yellow">
          This creel does not know the kind "{source.type}", so the source cannot be edited here.
        </Alert>
      )}
      {mayWrite && source && type && <Editor key={type.name} type={type} source={source} />}
    </Stack>
  );
}

function ReadOnly() {
  return (
    <Alert color="gray">
      You are signed in with a token that may only read. To add or change a source, sign in with one of scope write.
    </Alert>
  );
}

interface EditorProperties {
  type: SourceType;
  source: Source | null;
}

function Editor({ type, source: shown }: EditorProperties) {
  // What others change meanwhile does not disturb who types.
  const [source] = useState(shown);
  const [form, setForm] = useForm(type, source);
  const [trialError, setTrialError] = useState<Error | null>(null);
  const name = useSuggestedName(form, type, source);
  const complete = { ...form, name: form.name ?? name };
  const saving = useSaving(complete, type, source);
  const ownErrors = formErrors(form, type);
  const error = saving.error ?? trialError;
  const formElement = useRef<HTMLFormElement>(null);
  useFirstWrongField(formElement, error);

  const run: TrialRun = (signal) => {
    saving.reset();
    setTrialError(null);
    return tryOut(form, type, source, signal);
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    setTrialError(null);
    if (Object.keys(ownErrors).length === 0) saving.mutate();
  };
  return (
    <div className={classes.columns}>
      <form ref={formElement} onSubmit={save} noValidate>
        <Stack>
          <OtherErrors messages={errorsElsewhere(error, pointersOf(type))} />
          <SourceFields
            type={type}
            source={source}
            form={form}
            onChange={setForm}
            ownErrors={ownErrors}
            error={error}
            suggestedName={name}
          />
          {!source && (
            <Checkbox
              label="Start at once"
              description="It is polled as soon as it is saved; otherwise it waits until you start it."
              checked={form.start}
              onChange={(event) => setForm({ ...form, start: event.currentTarget.checked })}
            />
          )}
          <Group>
            <Button type="submit" loading={saving.isPending}>
              {source ? "Save the changes" : "Save the source"}
            </Button>
            <Button variant="default" onClick={() => giveUp(type, source)}>
              Cancel
            </Button>
          </Group>
        </Stack>
      </form>
      <div className={classes.trial}>
        <Trial
          run={run}
          onRefused={setTrialError}
          canRun={Object.keys(ownErrors).length === 0}
          secrets={secretFields(form, type, source)}
        />
      </div>
    </div>
  );
}

function draftName(type: SourceType): string {
  return `new source: ${type.name}`;
}

/** The form; that of a new source is there again when one looks elsewhere and comes back. */
function useForm(type: SourceType, source: Source | null) {
  return useDraft<SourceForm>(source ? null : draftName(type), () => (source ? formOf(source, type) : emptyForm(type)));
}

function giveUp(type: SourceType, source: Source | null) {
  if (!source) forgetDraft(draftName(type));
  go(addressOf("sources", source ? { source: String(source.id) } : {}));
}

function OtherErrors({ messages }: { messages: string[] }) {
  if (messages.length === 0) return null;
  return (
    <Alert color="red" role="alert" title="That cannot be saved or tried">
      <List size="sm" listStyleType={messages.length === 1 ? "none" : "disc"}>
        {messages.map((message) => (
          <List.Item key={message}>{asSentence(message)}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function pointersOf(type: SourceType): string[] {
  const fields = ["/name", "/interval", "/rate_limit", ...(type.url === "none" ? [] : ["/url"])];
  return [...fields, ...type.settings.map((spec) => `/settings/${spec.name}`)];
}

function useSuggestedName(form: SourceForm, type: SourceType, source: Source | null): string {
  const { data: sources } = useSources();
  if (source) return "";
  return suggestedName(
    type,
    form,
    (sources ?? []).map((one) => one.name),
  );
}

function useSaving(form: SourceForm, type: SourceType, source: Source | null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      source
        ? asked(
            api.PATCH("/sources/{id}", {
              params: { path: { id: source.id } },
              body: changedBody(form, source, type),
            }),
          )
        : asked(api.POST("/sources", { body: newBody(form, type) })),
    onSuccess: (saved) => {
      if (!source) forgetDraft(draftName(type));
      keepAnswer(client, saved);
      go(addressOf("sources", { source: String(saved.id) }), "replace");
    },
  });
}

/** Polls once as the fields say now; a source that is edited keeps the secrets that nobody typed anew. */
function tryOut(form: SourceForm, type: SourceType, source: Source | null, signal: AbortSignal) {
  const query = { limit: 20 };
  if (!source) {
    return asked(api.POST("/sources/test", { params: { query }, body: testedBody(form, type), signal }));
  }
  const params = { path: { id: source.id }, query };
  return asked(api.POST("/sources/{id}/test", { params, body: changedBody(form, source, type), signal }));
}

/** Takes the keyboard to what is wrong. */
function useFirstWrongField(form: React.RefObject<HTMLFormElement | null>, error: Error | null) {
  useEffect(() => {
    if (!error) return;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')?.focus();
  }, [form, error]);
}
