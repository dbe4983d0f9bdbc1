import { ownerLabel, type Owner } from "../../../core/domain/owner";
import { USAGE_PERIODS, type UsagePeriodName } from "../../../core/domain/usagePeriod";
import { isTimeZone } from "../../../core/services/usage/hoursOfWeek";
import { usageReport } from "../../../core/services/usage/usageReport";
import { readCookie } from "../cookies";
import { page, part, type MemberVisit, type Reply } from "../visit";
import { reportModel } from "./reportModel";
import { EVERYONE, ownerChoices, usageOwner } from "./usageOwner";

/** Set by a script of ours; without script the page shows UTC. */
export const ZONE_COOKIE = "lumen_zone";

const PERIOD_LABELS: Readonly<Record<UsagePeriodName, string>> = { week: "Last 7 days", month: "Last 30 days", year: "Last 12 months", all: "All time" };

export function periodOf({ query }: Pick<MemberVisit, "query">): UsagePeriodName {
  return USAGE_PERIODS.find((name) => name === query.get("period")) ?? "month";
}

export async function showUsage(visit: MemberVisit): Promise<Reply> {
  const owner = await usageOwner(visit);
  const period = periodOf(visit);
  const report = await usageReport(visit.deps, visit.snapshot, { owner, period, zone: zoneOf(visit) });
  const model = await reportModel(visit, owner, report, zoneOf(visit));
  const download = `/usage/download.csv?${new URLSearchParams({ period, ...(owner === visit.user ? {} : { owner: owner?.id ?? EVERYONE }) }).toString()}`;
  if (visit.isSwap) return part("usage/report", { ...model, download });
  return page("usage/show", "Usage", {
    ...model, download,
    periods: USAGE_PERIODS.map((name) => ({ name, label: PERIOD_LABELS[name], isCurrent: name === period })),
    choices: await ownerChoices(visit), chosen: chosenName(visit, owner),
  });
}

function chosenName(visit: MemberVisit, owner: Owner | undefined): string {
  return owner === undefined ? EVERYONE : owner === visit.user ? visit.user.email : ownerLabel(owner);
}

function zoneOf({ req }: MemberVisit): string {
  const zone = readCookie(req, ZONE_COOKIE) ?? "UTC";
  return isTimeZone(zone) ? zone : "UTC";
}
