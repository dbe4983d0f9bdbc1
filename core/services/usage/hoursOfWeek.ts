const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Requests by weekday (Monday first) and hour of day, 7 by 24. */
export type HoursOfWeek = readonly (readonly number[])[];

/** Is this a time zone that the platform knows: `America/Chicago`? */
export function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z][\w+\-/]{0,63}$/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/**
 * Counts of UTC hours as they fall into a reader's week: each at the offset that their zone had on that day. In zones that
 * are off by half an hour, an hour counts where its larger part lies.
 * @param byDay 24 numbers for each UTC day (`2026-11-21`)
 */
export function hoursOfWeek(byDay: ReadonlyMap<string, readonly number[]>, zone: string): HoursOfWeek {
  const week = Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
  const offsetOf = offsets(zone);
  for (const [day, counts] of byDay) {
    const start = Date.parse(`${day}T00:00:00Z`);
    const [first, last] = [offsetOf(start), offsetOf(start + 23 * HOUR_MS)];
    for (const [hour, count] of counts.entries()) {
      if (count === 0) continue;
      const at = start + hour * HOUR_MS;
      const local = at + (first === last ? first : offsetOf(at)) + HOUR_MS / 2;
      // The first day of the epoch was a Thursday.
      const row = week[(Math.floor(local / DAY_MS) + 3) % 7];
      const place = Math.floor((local % DAY_MS) / HOUR_MS);
      if (row) row[place] = (row[place] ?? 0) + count;
    }
  }
  return week;
}

/** Milliseconds that a zone is ahead of UTC at a moment. */
function offsets(zone: string): (at: number) => number {
  if (zone === "UTC") return () => 0;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset", year: "numeric" });
  return (at) => {
    const text = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours = "0", minutes = "0"] = /GMT([+-])(\d+)(?::(\d+))?/.exec(text) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * 60_000);
  };
}
