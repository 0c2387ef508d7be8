import { Button, Drawer, Fieldset, Group, NumberInput, Stack, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import { type FieldProperties, FailureField, NsfwField, SortField, SourceField, TypeField } from "./filter_fields";
import { usualFilters } from "./filters";

interface Properties extends FieldProperties {
  isOpen: boolean;
  onClose: () => void;
}

const kilobyte = 1000;

/** All filters with their names, those too that are wanted seldom. */
export function FilterDrawer({ isOpen, onClose, ...fields }: Properties) {
  const { filters, narrow } = fields;
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      title="Filters"
      position="right"
      size="sm"
      closeButtonProps={{ "aria-label": "Close the filters" }}
    >
      <Stack>
        <SourceField {...fields} />
        <TypeField {...fields} />
        {filters.state === "failed" && <FailureField {...fields} />}
        <NsfwField {...fields} />
        <SortField {...fields} />
        <Fieldset legend="Size">
          <Group grow align="flex-start">
            <SizeField
              label="At least"
              value={filters.minSize}
              onChange={(minSize) => narrow({ minSize }, "replace")}
            />
            <SizeField label="At most" value={filters.maxSize} onChange={(maxSize) => narrow({ maxSize }, "replace")} />
          </Group>
        </Fieldset>
        <Fieldset legend="Found">
          <Group grow align="flex-start">
            <DayField label="From" value={filters.after} onChange={(after) => narrow({ after }, "replace")} />
            <DayField label="To" value={filters.before} onChange={(before) => narrow({ before }, "replace")} />
          </Group>
        </Fieldset>
        <Group grow>
          <Button variant="default" onClick={() => narrow({ ...usualFilters, state: filters.state })}>
            Clear
          </Button>
          <Button onClick={onClose}>Show images</Button>
        </Group>
      </Stack>
    </Drawer>
  );
}

interface SizeProperties {
  label: string;
  /** Bytes. */
  value: number | null;
  onChange: (bytes: number | null) => void;
}

function SizeField({ label, value, onChange }: SizeProperties) {
  const [text, setText] = useState<number | string>(value === null ? "" : value / kilobyte);
  const wanted = typeof text === "number" ? Math.round(text * kilobyte) : null;
  useLater(wanted, value, onChange);
  return (
    <NumberInput
      label={label}
      suffix=" KB"
      placeholder="KB"
      min={0}
      max={1e9}
      allowNegative={false}
      hideControls
      value={text}
      onChange={setText}
    />
  );
}

/** Tells a value some time after it was last changed, so that one can type on. */
function useLater<Value>(value: Value, known: Value, tell: (value: Value) => void) {
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  useEffect(() => {
    if (value === known) return;
    const timer = setTimeout(() => latest.current(value), 400);
    return () => clearTimeout(timer);
  }, [value, known]);
}

interface DayProperties {
  label: string;
  value: string | null;
  onChange: (day: string | null) => void;
}

function DayField({ label, value, onChange }: DayProperties) {
  return (
    <TextInput
      type="date"
      label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.currentTarget.value || null)}
    />
  );
}
