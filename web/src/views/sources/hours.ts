/** What happened in an hour; hours in which nothing happened are not told of. */
export interface StoredInHour {
  hour: string;
  stored: number;
}

const hourMs = 3_600_000;

/** Images stored in each of the last hours, the oldest first; the last one is the hour that is not over yet. */
export function hourlyCounts(told: StoredInHour[], now: Date, hours = 24): number[] {
  const counts = new Array<number>(hours).fill(0);
  const last = Math.floor(now.getTime() / hourMs);
  for (const { hour, stored } of told) {
    const place = hours - 1 - (last - Math.floor(new Date(hour).getTime() / hourMs));
    if (place >= 0 && place < hours) counts[place] = (counts[place] ?? 0) + stored;
  }
  return counts;
}

/** The same as a sentence, for who cannot see the bars. */
export function hoursText(counts: number[]): string {
  const sum = counts.reduce((total, one) => total + one, 0);
  if (sum === 0) return `No image stored in the last ${counts.length} hours`;
  const most = Math.max(...counts);
  const images = sum === 1 ? "1 image" : `${sum.toLocaleString()} images`;
  return `${images} stored in the last ${counts.length} hours, ${most.toLocaleString()} at most in one hour`;
}
