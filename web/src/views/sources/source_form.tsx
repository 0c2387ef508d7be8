import { Checkbox, Collapse, Group, NumberInput, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";

import type { Source } from "@/api/client";
import classes from "@/views/sources/source_form.module.css";
import { SettingField } from "@/views/sources/setting_field";
import { errorAt, hasSecret, type SourceForm } from "@/views/sources/source_form_state";
import {
  fieldMessage,
  intervalText,
  isAdvanced,
  type SettingSpec,
  type SourceType,
} from "@/views/sources/source_words";

interface Properties {
  type: SourceType;
  /** The source that is changed; null for a new one. */
  source: Source | null;
  form: SourceForm;
  onChange: (form: SourceForm) => void;
  /** What the page found wrong, by pointer. */
  ownErrors: Record<string, string>;
  /** What the backend refused. */
  error: Error | null;
  /** The name that is taken if none is typed. */
  suggestedName: string;
}

/** The fields of a source, made for its kind. */
export function SourceFields(properties: Properties) {
  const { type, form, onChange, suggestedName } = properties;
  const errorOf = errorsOf(properties);
  const common = type.settings.filter((spec) => !isAdvanced(spec));
  const rare = type.settings.filter(isAdvanced);
  const field = (spec: SettingSpec) => <Setting key={spec.name} spec={spec} {...properties} />;
  const nameError = errorOf("/name");
  return (
    <Stack>
      {type.url !== "none" && <UrlField {...properties} error={errorOf("/url")} />}
      {common.map(field)}
      <TextInput
        label="Name"
        description="What it is called here; also the folder of its images."
        required
        maxLength={100}
        value={form.name ?? suggestedName}
        error={nameError && fieldMessage("Name", nameError)}
        autoComplete="off"
        onChange={(event) => onChange({ ...form, name: event.currentTarget.value })}
      />
      <Schedule {...properties} errorOf={errorOf} />
      {rare.length > 0 && (
        <More isNeeded={rare.some((spec) => errorOf(`/settings/${spec.name}`) !== undefined)}>{rare.map(field)}</More>
      )}
    </Stack>
  );
}

function errorsOf({ ownErrors, error }: Pick<Properties, "ownErrors" | "error">) {
  return (pointer: string) => ownErrors[pointer] ?? errorAt(error, pointer);
}

function UrlField({ type, form, onChange, error }: Omit<Properties, "error"> & { error: string | undefined }) {
  const help = type.name === "list" ? "A URL, or the path of a file on the server." : undefined;
  return (
    <TextInput
      label={type.name === "list" ? "Address" : "URL"}
      description={help}
      placeholder={type.example_url ?? "https://"}
      required={type.url === "needed"}
      inputMode="url"
      autoComplete="off"
      spellCheck={false}
      value={form.url}
      error={error && fieldMessage(type.name === "list" ? "Address" : "URL", error)}
      onChange={(event) => onChange({ ...form, url: event.currentTarget.value })}
    />
  );
}

function Setting({ spec, ...properties }: Properties & { spec: SettingSpec }) {
  const { form, onChange, source } = properties;
  const value = form.settings[spec.name] ?? "";
  const isRemoved = form.removedSecrets.includes(spec.name);
  const others = form.removedSecrets.filter((name) => name !== spec.name);
  return (
    <SettingField
      spec={spec}
      value={value}
      error={errorsOf(properties)(`/settings/${spec.name}`)}
      isKept={spec.type === "secret" && !isRemoved && value === "" && hasSecret(source, spec.name)}
      isRemoved={isRemoved}
      onRemove={(remove) => onChange({ ...form, removedSecrets: remove ? [...others, spec.name] : others })}
      onChange={(next) =>
        onChange({ ...form, settings: { ...form.settings, [spec.name]: next }, removedSecrets: others })
      }
    />
  );
}

function Schedule({
  type,
  form,
  onChange,
  errorOf,
}: Properties & { errorOf: (pointer: string) => string | undefined }) {
  const intervalError = errorOf("/interval");
  const rateError = errorOf("/rate_limit");
  return (
    <>
      <Group grow align="flex-start">
        <TextInput
          label="Polled every"
          description='Like "15m", "1h" or "2d".'
          placeholder={intervalText(type.interval)}
          value={form.interval}
          error={intervalError && fieldMessage("It", intervalError)}
          autoComplete="off"
          onChange={(event) => onChange({ ...form, interval: event.currentTarget.value })}
        />
        <NumberInput
          label="Rate limit"
          description="Requests a minute, at most."
          placeholder={type.rate_limit === null ? "none" : String(type.rate_limit)}
          value={form.hasNoRateLimit ? "" : form.rateLimit}
          disabled={form.hasNoRateLimit}
          error={rateError && fieldMessage("It", rateError)}
          allowNegative={false}
          onChange={(value) => onChange({ ...form, rateLimit: String(value) })}
        />
      </Group>
      {type.rate_limit !== null && (
        <Checkbox
          label="No rate limit"
          description="Only for servers of your own."
          checked={form.hasNoRateLimit}
          onChange={(event) => onChange({ ...form, hasNoRateLimit: event.currentTarget.checked })}
        />
      )}
    </>
  );
}

/** What most people leave alone; open from the start if something in it needs to be seen. */
function More({ isNeeded, children }: { isNeeded: boolean; children: React.ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const shown = isOpen || isNeeded;
  return (
    <div>
      <UnstyledButton
        className={classes.more}
        aria-expanded={shown}
        aria-controls={id}
        onClick={() => setOpen(!shown)}
        data-open={shown || undefined}
      >
        <IconChevronRight size={16} aria-hidden />
        <Text span size="sm" fw={600}>
          More settings
        </Text>
      </UnstyledButton>
      <Collapse expanded={shown} id={id}>
        <Stack pt="sm">{children}</Stack>
      </Collapse>
    </div>
  );
}
