const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** "in 5 min", "2 h ago", "just now": rounded, since a list is read at a glance; the full time belongs in a tooltip. */
export function fromNow(time: string | Date, now: Date = new Date()): string {
  const seconds = Math.round((new Date(time).getTime() - now.getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  const text = duration(size);
  return seconds > 0 ? `in ${text}` : `${text} ago`;
}

/** "45 s", "12 min", "3 h", "2 d": the largest unit alone. */
export function duration(seconds: number): string {
  if (seconds < minute) return `${Math.round(seconds)} s`;
  if (seconds < hour) return `${Math.round(seconds / minute)} min`;
  if (seconds < day) return `${Math.round(seconds / hour)} h`;
  return `${Math.round(seconds / day)} d`;
}

/** Date and time in the reader's own zone and way of writing. */
export function fullTime(time: string | Date): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}
