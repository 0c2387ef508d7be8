/** 1,234,567 in the reader's own way of writing. */
export function count(value: number): string {
  return value.toLocaleString();
}

const units = ["bytes", "KB", "MB", "GB", "TB", "PB"];

/** "48.2 KB": thousands, three digits, as file managers say it. On an axis, where it is short, "50 KB". */
export function bytes(value: number, zeros: "kept" | "dropped" = "kept"): string {
  let step = 0;
  let rest = value;
  while (rest >= 999.5 && step < units.length - 1) {
    rest /= 1000;
    step += 1;
  }
  if (step === 0) return value === 1 ? "1 byte" : `${count(value)} bytes`;
  const digits = rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
  return `${rest.toLocaleString(undefined, { minimumFractionDigits: zeros === "kept" ? digits : 0, maximumFractionDigits: digits })} ${units[step]}`;
}

/** "256 MiB": as memory is set and measured. */
export function mebibytes(value: number): string {
  return `${(value / 2 ** 20).toLocaleString(undefined, { maximumFractionDigits: 1 })} MiB`;
}

/** "1 image", "2 images". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
