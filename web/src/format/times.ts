const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** "in 5 min", "in a moment", "just now", "2 h ago": rounded, since a list is read at a glance; the full time belongs in a tooltip. */
export function fromNow(time: string | Date, now: Date = new Date()): string {
  const ahead = new Date(time).getTime() - now.getTime();
  const seconds = Math.round(Math.abs(ahead) / 1000);
  if (seconds < 5) return ahead > 0 ? "in a moment" : "just now";
  const text = duration(seconds);
  return ahead > 0 ? `in ${text}` : `${text} ago`;
}

/** The same for what is to come: `overdue` stands there once its time has come, and it has not. */
export function untilThen(time: string | Date, overdue: string, now: Date = new Date()): string {
  return new Date(time) <= now ? overdue : fromNow(time, now);
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
