import {
  Button,
  Group,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";

import type { SettingValue } from "@/views/sources/source_form_state";
import { asSentence, fieldMessage, isProgram, isSecretLines, type SettingSpec } from "@/views/sources/source_words";

export interface SettingFieldProperties {
  spec: SettingSpec;
  value: SettingValue;
  onChange: (value: SettingValue) => void;
  /** What is wrong with it, as the backend says it. */
  error: string | undefined;
  /** For a secret: the backend has one, and nothing else was typed. */
  isKept: boolean;
  /** For a secret that the backend has: whether it is to be forgotten. */
  isRemoved: boolean;
  onRemove: (isRemoved: boolean) => void;
}

interface Common {
  label: string;
  description: string | undefined;
  error: string | undefined;
  required: boolean;
}

const programExample = "(.photos[] | {image_id: .id, image_url: .src, title: .caption}), {next_url: .links.next}";

/** The field of one setting, made for its type. */
export function SettingField(properties: SettingFieldProperties) {
  const { spec, value, onChange } = properties;
  const common = commonOf(properties);
  const text = typeof value === "string" ? value : "";
  const placeholder = spec.default === null || spec.default === undefined ? undefined : String(spec.default);
  switch (spec.type) {
    case "secret":
      return <SecretField {...properties} common={common} text={text} />;
    case "boolean":
      return (
        <Switch
          label={common.label}
          description={common.description}
          error={common.error}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "one_of":
      return (
        <Select
          {...common}
          data={spec.choices}
          value={text === "" ? null : text}
          clearable={placeholder === undefined}
          allowDeselect={placeholder === undefined}
          onChange={(choice) => onChange(choice ?? "")}
        />
      );
    case "integer":
    case "number":
      return (
        <NumberInput
          {...common}
          placeholder={placeholder}
          value={text}
          allowDecimal={spec.type === "number"}
          clampBehavior="none"
          onChange={(number) => onChange(String(number))}
        />
      );
    case "text_list":
      return (
        <TagsInput
          {...common}
          placeholder="Type, then press Enter"
          value={Array.isArray(value) ? value : []}
          acceptValueOnBlur
          onChange={onChange}
        />
      );
    case "headers":
      return <Lines {...common} placeholder="Accept: image/*" text={text} onChange={onChange} />;
    default:
      if (isProgram(spec)) return <ProgramField common={common} text={text} onChange={onChange} />;
      return (
        <TextInput
          {...common}
          placeholder={placeholder}
          value={text}
          inputMode={spec.type === "url" ? "url" : "text"}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

function commonOf({ spec, error }: SettingFieldProperties): Common {
  const range =
    spec.min !== null && spec.max !== null
      ? `From ${spec.min.toLocaleString()} to ${spec.max.toLocaleString()}.`
      : spec.min !== null && spec.min > 0
        ? `At least ${spec.min.toLocaleString()}.`
        : "";
  const lines = spec.type === "headers" || isSecretLines(spec) ? "One a line." : "";
  const help = [asSentence(spec.help), range, spec.type === "headers" ? lines : ""].filter(Boolean).join(" ");
  return {
    label: spec.label,
    description: help === "" ? undefined : help,
    error: error === undefined ? undefined : fieldMessage(spec.label, error),
    required: spec.required,
  };
}

interface LinesProperties extends Common {
  placeholder: string;
  text: string;
  onChange: (value: string) => void;
}

function Lines({ text, onChange, ...common }: LinesProperties) {
  return (
    <Textarea
      {...common}
      value={text}
      autosize
      minRows={2}
      maxRows={8}
      spellCheck={false}
      autoComplete="off"
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function ProgramField({ common, text, onChange }: { common: Common; text: string; onChange: (value: string) => void }) {
  return (
    <Stack gap={4}>
      <Textarea
        {...common}
        placeholder={programExample}
        value={text}
        autosize
        minRows={5}
        maxRows={24}
        spellCheck={false}
        autoComplete="off"
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {common.required && text === "" && (
        <Group justify="space-between">
          <Text size="xs" c="dimmed">
            Not sure? Type a dot and try it: the shape of the answer is shown then.
          </Text>
          <Button variant="default" size="compact-xs" onClick={() => onChange(programExample)}>
            Begin with the example
          </Button>
        </Group>
      )}
    </Stack>
  );
}

interface SecretProperties extends SettingFieldProperties {
  common: Common;
  text: string;
}

function SecretField({ spec, common, text, onChange, isKept, isRemoved, onRemove }: SecretProperties) {
  const kept = common.error === undefined ? "Is set, and stays as it is" : "Is set, but is to be given again";
  const hint = isRemoved ? "Will be taken away" : isKept ? kept : undefined;
  const field = isSecretLines(spec) ? (
    <Lines {...common} placeholder={hint ?? "Authorization: Bearer ..."} text={text} onChange={onChange} />
  ) : (
    <PasswordInput
      {...common}
      placeholder={hint}
      value={text}
      autoComplete="new-password"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
  if (!isKept && !isRemoved) return field;
  return (
    <Stack gap={4}>
      {field}
      <Group justify="flex-end">
        <Button variant="default" size="compact-xs" onClick={() => onRemove(!isRemoved)}>
          {isRemoved ? `Keep the ${spec.label.toLowerCase()}` : `Take the ${spec.label.toLowerCase()} away`}
        </Button>
      </Group>
    </Stack>
  );
}
