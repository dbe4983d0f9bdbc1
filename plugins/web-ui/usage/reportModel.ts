import { displayCoins } from "../../../core/domain/coins";
import { ownerLabel, type Owner } from "../../../core/domain/owner";
import { totalTokens } from "../../../core/domain/usage";
import { findOwner } from "../../../core/services/findOwner";
import type { UsageReport } from "../../../core/services/usage/usageReport";
import type { UsageTotals } from "../../../core/stores/types";
import type { MemberVisit } from "../visit";
import { bars, heatmap, timeChart, type ChartValue } from "./charts";

/** Lines of a picture; its table has all. */
const BARS = 8;
const ROWS = 100;

/** The model of views/usage/report.hbs. */
export async function reportModel(visit: MemberVisit, owner: Owner | undefined, report: UsageReport, zone: string): Promise<object> {
  const { totals, stretch, series, models, pool, outlook, perDayNano } = report;
  const every = stretch.unit === "day" ? "per day" : "per month";
  const spenders = await named(visit, owner, report.spenders.slice(0, ROWS));
  return {
    isEveryone: owner === undefined,
    of: owner === undefined ? "everyone" : owner === visit.user ? undefined : ownerLabel(owner),
    isOwn: owner === visit.user,
    isUsed: totals.requests > 0,
    pool, outlook, isFar: outlook?.kind === "until" && outlook.at > visit.deps.clock() + FAR_MS,
    perDayNano, totals, tokens: totalTokens(totals),
    requestsChart: timeChart("requests", "Requests over time", every, series.map(([name, { requests }]) => valueOf(name, requests, "request")), "Requests"),
    tokensChart: timeChart("tokens", "Tokens over time", `${every}, input and output`, series.map(([name, one]) => valueOf(name, totalTokens(one), "token")), "Tokens"),
    models: bars(models.slice(0, BARS).map(([model, { requests }]) => ({ label: model, href: `/models/${encodeURIComponent(model)}`, value: requests, text: numbers.format(requests) }))),
    modelRows: models.slice(0, ROWS).map(([label, one]) => rowOf(label, one)),
    spenders: bars(spenders.slice(0, BARS).map(({ label, href, totals: one }) => ({ label, href, value: Number(one.costNano), text: displayCoins(one.costNano) }))),
    spenderRows: spenders.map(({ label, totals: one }) => rowOf(label, one)),
    restOfSpenders: Math.max(0, report.spenders.length - ROWS),
    heat: heatmap(report.hours), zone, isLong: stretch.unit === "month",
  };
}

/** Beyond this a date says more than the pace knows. */
const FAR_MS = 2 * 365 * 86_400_000;

interface Spender {
  readonly label: string;
  readonly href?: string;
  readonly totals: UsageTotals;
}

async function named(visit: MemberVisit, owner: Owner | undefined, spenders: UsageReport["spenders"]): Promise<readonly Spender[]> {
  return Promise.all(spenders.map(async ([id, totals]) => {
    if (owner) return { label: id === "" ? "Web chat" : ((await visit.deps.store.keys.get(id))?.name ?? "A deleted key"), totals };
    const spender = await findOwner(visit.deps, id);
    return { label: spender ? ownerLabel(spender) : id, href: `/usage?${new URLSearchParams({ owner: id }).toString()}`, totals };
  }));
}

const rowOf = (label: string, totals: UsageTotals): object => ({ label, ...totals, tokens: totalTokens(totals) });

const numbers = new Intl.NumberFormat("en-US");
const dayLabel = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const monthLabel = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });

function valueOf(name: string, value: number, unit: string): ChartValue {
  const label = (name.length > 7 ? dayLabel : monthLabel).format(Date.parse(name));
  return { label, value, text: `${numbers.format(value)} ${unit}${value === 1 ? "" : "s"}` };
}
