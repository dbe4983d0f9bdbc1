export const USAGE_PERIODS = ["week", "month", "year", "all"] as const;
export type UsagePeriodName = (typeof USAGE_PERIODS)[number];

/** A stretch of time that a page shows: its days or months by name, oldest first, all in UTC. */
export interface UsageStretch {
  readonly name: UsagePeriodName;
  readonly unit: "day" | "month";
  readonly names: readonly string[];
  /** Epoch ms of its first moment. */
  readonly startsAt: number;
}

const DAY_MS = 86_400_000;

/** Months that are shown one by one at most: so far back the sums of months are kept. */
const MOST_MONTHS = 25;

/**
 * The last 7 or 30 days, the last 12 months, or all of time, up to `now`.
 * @param firstAt when all of time began, epoch ms
 */
export function usageStretch(name: UsagePeriodName, now: number, firstAt: number): UsageStretch {
  if (name === "week" || name === "month") {
    const days = name === "week" ? 7 : 30;
    const names = Array.from({ length: days }, (_, index) => dayOf(now - (days - 1 - index) * DAY_MS));
    return { name, unit: "day", names, startsAt: Date.parse(names[0] ?? "") };
  }
  const last = monthNumber(now);
  const count = name === "year" ? 12 : Math.min(MOST_MONTHS, Math.max(1, last - monthNumber(firstAt) + 1));
  const names = Array.from({ length: count }, (_, index) => monthOf(last - (count - 1 - index)));
  return { name, unit: "month", names, startsAt: name === "all" ? firstAt : Date.parse(names[0] ?? "") };
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

function monthNumber(at: number): number {
  const date = new Date(at);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

const monthOf = (month: number): string => `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
