import type { UsagePeriod } from "../types";

/** Epoch ms: from the first moment of the period to its last. */
export function momentsOf({ from, to }: UsagePeriod): readonly [number, number] {
  if (to === undefined) return [Date.parse(from), Infinity];
  const end = new Date(Date.parse(to));
  if (to.length === 7) end.setUTCMonth(end.getUTCMonth() + 1);
  else end.setUTCDate(end.getUTCDate() + 1);
  return [Date.parse(from), end.getTime() - 1];
}
