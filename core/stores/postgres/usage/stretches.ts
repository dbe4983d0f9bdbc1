import { dayName, monthName, type Rollups } from "../../shared/rollups";
import type { RollupTable } from "../../shared/rollupTable";
import type { UsagePeriod } from "../../types";

/** How the tables of rollups name a stretch of time: a day by its name, a month with a mark, so that no month lies between days. */
const MONTH_MARK = "M";
export const ALL_TIME = "";

export const stretchOfMonth = (name: string): string => MONTH_MARK + name;

/** The name of a day or a month as pages know it. */
export const nameOfStretch = (stretch: string): string => (stretch.startsWith(MONTH_MARK) ? stretch.slice(MONTH_MARK.length) : stretch);

const LAST_MONTH = "9999-12";
const LAST_DAY = "99";

/** The first and the last of the stretches that a question is about. A day lies within months that hold it, a month within days if one of them is its own. */
export function stretchesOf(unit: "day" | "month", { from = "", to = LAST_MONTH }: Partial<UsagePeriod> = {}): readonly [string, string] {
  if (unit === "month") return [stretchOfMonth(from.slice(0, 7)), stretchOfMonth(to.slice(0, 7))];
  return [from === "" ? "0" : from, to.length === 7 ? `${to}-${LAST_DAY}` : to];
}

/** Each table of rollups with its stretch. */
export function* tablesByStretch({ allTime, months, days }: Rollups): Generator<readonly [stretch: string, table: RollupTable]> {
  yield [ALL_TIME, allTime];
  for (const [month, table] of months) yield [stretchOfMonth(monthName(month)), table];
  for (const [day, table] of days) yield [dayName(day), table];
}
