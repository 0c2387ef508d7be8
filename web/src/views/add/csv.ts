/** One record of a CSV text. */
export interface CsvRecord {
  /** Where it begins, from 1. */
  line: number;
  fields: string[];
  /** A quoted field is not closed, or text follows its closing quote; then `fields` says nothing. */
  isBroken: boolean;
}

/** The records of a text as RFC 4180 has them; blank lines are passed over. */
export function* csvRecords(text: string): Generator<CsvRecord> {
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const record = readRecord(text, at);
    // After a quote that is never closed the lines behind it are still good.
    const end = record.isBroken ? lineEnd(text, at) : record.end;
    const raw = text.slice(at, end);
    if (raw.trim() !== "") yield { line, fields: record.fields, isBroken: record.isBroken };
    line += raw.split("\n").length - 1;
    at = end;
  }
}

interface Read {
  fields: string[];
  /** Behind the record's line end. */
  end: number;
  isBroken: boolean;
}

function readRecord(text: string, begin: number): Read {
  const fields: string[] = [];
  let at = begin;
  for (;;) {
    const field = text[at] === '"' ? quotedField(text, at) : plainField(text, at);
    if (field === null) return { fields, end: at, isBroken: true };
    fields.push(field.value);
    at = field.end;
    if (text[at] === ",") {
      at += 1;
      continue;
    }
    if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
    if (at < text.length) at += 1;
    return { fields, end: at, isBroken: false };
  }
}

interface Field {
  value: string;
  end: number;
}

function plainField(text: string, begin: number): Field {
  let end = begin;
  while (end < text.length && text[end] !== "," && text[end] !== "\n") end += 1;
  const isLast = text[end] === "\n" && end > begin && text[end - 1] === "\r";
  return { value: text.slice(begin, isLast ? end - 1 : end), end: isLast ? end - 1 : end };
}

function quotedField(text: string, begin: number): Field | null {
  let value = "";
  let at = begin + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return null;
    value += text.slice(at, quote);
    at = quote + 1;
    if (text[at] !== '"') break;
    value += '"';
    at += 1;
  }
  const next = text[at];
  const isEnd = next === undefined || next === "," || next === "\n" || (next === "\r" && text[at + 1] === "\n");
  return isEnd ? { value, end: at } : null;
}

function lineEnd(text: string, begin: number): number {
  const end = text.indexOf("\n", begin);
  return end < 0 ? text.length : end + 1;
}
