import { dayName, monthName, type Rollups } from "../../shared/rollups";
import type { RollupTable } from "../../shared/rollupTable";

/** How the tables of rollups name a stretch of time: a day by its name, a month with a mark, so that no month lies between days. */
const MONTH_MARK = "M";
export const ALL_TIME = "";

export const stretchOfMonth = (name: string): string => MONTH_MARK + name;

/** The name of a day or a month as pages know it. */
export const nameOfStretch = (stretch: string): string => (stretch.startsWith(MONTH_MARK) ? stretch.slice(MONTH_MARK.length) : stretch);

/** Each table of rollups with its stretch. */
export function* tablesByStretch({ allTime, months, days }: Rollups): Generator<readonly [stretch: string, table: RollupTable]> {
  yield [ALL_TIME, allTime];
  for (const [month, table] of months) yield [stretchOfMonth(monthName(month)), table];
  for (const [day, table] of days) yield [dayName(day), table];
}
