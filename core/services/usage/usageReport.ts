import { burnPerDay, coinOutlook, type CoinOutlook } from "../../domain/burnRate";
import type { NanoCoins } from "../../domain/coins";
import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { Owner } from "../../domain/owner";
import type { PoolBalanceView } from "../../domain/poolBalanceView";
import { usageStretch, type UsagePeriodName, type UsageStretch } from "../../domain/usagePeriod";
import type { Store, UsageFilter, UsageTotals } from "../../stores/types";
import type { PageDeps } from "../pageDeps";
import { poolBalance } from "../poolBalance";
import { hoursOfWeek, type HoursOfWeek } from "./hoursOfWeek";

export interface UsageQuestion {
  /** Undefined: everybody. */
  readonly owner?: Owner;
  readonly period: UsagePeriodName;
  /** Of the reader: `America/Chicago`. */
  readonly zone: string;
}

export type NamedTotals = readonly (readonly [string, UsageTotals])[];

/** What somebody, or everybody, used in a stretch of time. All sums come from rollups. */
export interface UsageReport {
  readonly stretch: UsageStretch;
  readonly totals: UsageTotals;
  /** One for each day or month, also where nothing was used. */
  readonly series: NamedTotals;
  /** By requests, most first. */
  readonly models: NamedTotals;
  /** By coins, most first: an owner's keys by id ("" is the web chat), or everybody's owners by id. */
  readonly spenders: NamedTotals;
  readonly hours: HoursOfWeek;
  readonly perDayNano: NanoCoins;
  /** Of one owner alone. */
  readonly pool?: PoolBalanceView;
  readonly outlook?: CoinOutlook;
}

export type UsageReportDeps = Pick<PageDeps, "clock"> & { readonly store: Pick<Store, "usage" | "ledger"> };

const DAY_MS = 86_400_000;
const NOTHING: UsageTotals = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0n, uncollectedNano: 0n, lastUsedAt: 0 };

export async function usageReport(deps: UsageReportDeps, snapshot: ConfigSnapshot, { owner, period, zone }: UsageQuestion): Promise<UsageReport> {
  const { usage } = deps.store;
  const now = deps.clock();
  const of: UsageFilter = owner ? { ownerId: owner.id } : {};
  const stretch = usageStretch(period, now, owner?.createdAt ?? (await firstUse(usage, now)));
  const within = { unit: stretch.unit, from: stretch.names[0] ?? "" };
  const filter: UsageFilter = period === "all" ? of : { ...of, period: within };
  const [totals, series, models, spenders, hours] = await Promise.all([
    usage.totals(filter),
    usage.totalsBy(stretch.unit, { ...of, period: within }),
    usage.totalsBy("model", filter),
    usage.totalsBy(owner ? "keyId" : "ownerId", filter),
    usage.hours({ ...of, period: within }),
  ]);
  // An account of yesterday has not been idle for a month.
  const elapsedMs = Math.max(DAY_MS, now - Math.max(stretch.startsAt, owner?.createdAt ?? 0));
  const pace = { spentNano: totals.costNano - totals.uncollectedNano, elapsedMs };
  const pool = owner && (await poolBalance(deps, snapshot, owner));
  return {
    stretch, totals, pool,
    series: stretch.names.map((name) => [name, series.get(name) ?? NOTHING]),
    models: inOrder(models, (a, b) => b.requests - a.requests),
    spenders: inOrder(spenders, (a, b) => (a.costNano < b.costNano ? 1 : a.costNano > b.costNano ? -1 : b.requests - a.requests)),
    hours: hoursOfWeek(hours, zone),
    perDayNano: burnPerDay(pace),
    ...(pool?.kind === "limited" ? { outlook: coinOutlook(pool, pace, now) } : {}),
  };
}

async function firstUse(usage: UsageReportDeps["store"]["usage"], now: number): Promise<number> {
  const [first] = (await usage.totalsBy("month", {})).keys();
  return first === undefined ? now : Date.parse(first);
}

function inOrder(totals: ReadonlyMap<string, UsageTotals>, compare: (a: UsageTotals, b: UsageTotals) => number): NamedTotals {
  return [...totals].filter(([, { requests }]) => requests > 0).sort(([aName, a], [bName, b]) => compare(a, b) || (aName < bName ? -1 : 1));
}
