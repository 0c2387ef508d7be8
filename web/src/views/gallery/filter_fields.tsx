import { NativeSelect } from "@mantine/core";

import type { FailureKind, Source } from "@/api/client";
import { failureWords } from "@/format/failures";
import type { Keep } from "@/state/address";

import { type Filters, type NsfwFilter, type Sort, sorts } from "./filters";
import styles from "./gallery_toolbar.module.css";
import { imageTypes, typeName } from "./image_words";

export interface FieldProperties {
  filters: Filters;
  narrow: (changes: Partial<Filters>, keep?: Keep) => void;
  sources: readonly Pick<Source, "id" | "name">[];
}

interface Choice extends FieldProperties {
  /** Without the label above, where the options say enough. */
  isBare?: boolean;
}

interface SelectProperties {
  label: string;
  isBare: boolean | undefined;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** The browser's own list: best for phones, for keyboards and for hundreds of entries. */
function Select({ label, isBare, value, options, onChange }: SelectProperties) {
  return (
    <NativeSelect
      className={isBare ? styles.field : undefined}
      label={isBare ? undefined : label}
      aria-label={label}
      value={value}
      data={options}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

export function SourceField({ filters, narrow, sources, isBare }: Choice) {
  const options = sources.map(({ id, name }) => ({ value: String(id), label: name }));
  const value = filters.source === null ? "" : String(filters.source);
  // A link may name a source that was deleted, whose images are still there.
  if (value !== "" && !options.some((option) => option.value === value))
    options.push({ value, label: `Source ${value}` });
  return (
    <Select
      label="Source"
      isBare={isBare}
      value={value}
      options={[{ value: "", label: "All sources" }, ...options]}
      onChange={(source) => narrow({ source: source === "" ? null : Number(source) })}
    />
  );
}

export function TypeField({ filters, narrow, isBare }: Choice) {
  const options = imageTypes.map((type) => ({ value: type as string, label: typeName(type) }));
  if (filters.type !== "" && !options.some((option) => option.value === filters.type)) {
    options.push({ value: filters.type, label: filters.type });
  }
  return (
    <Select
      label="Type"
      isBare={isBare}
      value={filters.type}
      options={[{ value: "", label: "Any type" }, ...options]}
      onChange={(type) => narrow({ type })}
    />
  );
}

export function FailureField({ filters, narrow, isBare }: Choice) {
  const options = failureKinds
    .map((kind) => ({ value: kind as string, label: failureWords(kind).what }))
    .sort((one, other) => one.label.localeCompare(other.label));
  return (
    <Select
      label="Failure"
      isBare={isBare}
      value={filters.failure ?? ""}
      options={[{ value: "", label: "Any failure" }, ...options]}
      onChange={(failure) => narrow({ failure: (failure || null) as FailureKind | null })}
    />
  );
}

const nsfwNames: Record<NsfwFilter, string> = { hide: "NSFW hidden", show: "NSFW shown", only: "NSFW only" };

export function NsfwField({ filters, narrow, isBare }: Choice) {
  return (
    <Select
      label="Not safe for work (NSFW)"
      isBare={isBare}
      value={filters.nsfw}
      options={Object.entries(nsfwNames).map(([value, label]) => ({ value, label }))}
      onChange={(nsfw) => narrow({ nsfw: nsfw as NsfwFilter })}
    />
  );
}

const sortNames: Record<Sort, string> = {
  "-stored_at": "Newest stored",
  stored_at: "Oldest stored",
  "-found_at": "Newest found",
  found_at: "Oldest found",
  "-size": "Largest",
  size: "Smallest",
};

export function SortField({ filters, narrow, isBare }: Choice) {
  return (
    <Select
      label="Order"
      isBare={isBare}
      value={filters.sort}
      options={sorts.map((sort) => ({ value: sort, label: sortNames[sort] }))}
      onChange={(sort) => narrow({ sort: sort as Sort })}
    />
  );
}

/** In the order of DESIGN's closed list; the type makes sure that none is missing. */
const kinds: Record<FailureKind, true> = {
  bad_url: true,
  blocked_address: true,
  dns: true,
  connect: true,
  tls: true,
  timeout: true,
  redirected: true,
  bad_request: true,
  bad_auth: true,
  forbidden: true,
  not_found: true,
  rate_limited: true,
  server_error: true,
  truncated: true,
  too_large: true,
  not_an_image: true,
  placeholder: true,
  opted_out: true,
  store_denied: true,
  store_throttled: true,
  store_error: true,
  function_error: true,
  function_timeout: true,
  function_throttled: true,
  cancelled: true,
  internal: true,
};
const failureKinds = Object.keys(kinds) as FailureKind[];
