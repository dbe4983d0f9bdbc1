import type { DemoClient } from "./institution";
import type { SeededRandom } from "./seededRandom";

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** How much happens in each hour of the day (UTC), beginning at midnight. */
const HOURS: Readonly<Record<DemoClient["rhythm"] | "evening", readonly number[]>> = {
  office: [0, 0, 0, 0, 0, 0, 1, 3, 7, 10, 11, 9, 5, 8, 10, 10, 8, 5, 2, 1, 1, 1, 0, 0],
  evening: [2, 1, 0, 0, 0, 0, 0, 1, 2, 4, 5, 5, 3, 5, 6, 6, 6, 5, 5, 7, 9, 9, 7, 4],
  nightly: [8, 10, 10, 9, 6, 3, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 4, 6, 8],
  always: [2, 2, 2, 2, 2, 2, 3, 4, 6, 7, 7, 6, 5, 6, 7, 7, 6, 5, 5, 5, 5, 4, 3, 2],
};

/** From Sunday on. */
const WEEKDAYS: Readonly<Record<keyof typeof HOURS, readonly number[]>> = {
  office: [0.08, 1, 1.1, 1.15, 1.05, 0.75, 0.1],
  evening: [0.7, 1, 1, 1.1, 1, 0.6, 0.5],
  nightly: [0.8, 1, 1, 1, 1, 1, 0.8],
  always: [0.6, 1, 1, 1, 1, 0.9, 0.6],
};

/**
 * When somebody calls on one day: fewer at the weekend, by the hours of their work, and more from month to month.
 * @param dayStart midnight, UTC
 * @param daily calls on an ordinary working day
 * @param age from 0 (the first day shown) to 1 (today)
 */
export function callTimes(random: SeededRandom, rhythm: keyof typeof HOURS, dayStart: number, daily: number, age: number): number[] {
  const weekday = WEEKDAYS[rhythm][new Date(dayStart).getUTCDay()] ?? 1;
  const hours = HOURS[rhythm].map((weight, hour) => [hour, weight] as const);
  const count = random.count(daily * weekday * (0.45 + 0.75 * age));
  return Array.from({ length: count }, () => dayStart + random.weighted(hours) * HOUR_MS + random.whole(0, HOUR_MS - 1));
}
