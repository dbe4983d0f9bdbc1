import { HOUR_MS, refillDue, type CoinPool, type PoolTerms } from "./coinPool";
import type { NanoCoins } from "./coins";

/** The next refill that will add something (docs/rules.md P6). */
export interface NextRefill {
  /** Epoch ms. */
  readonly at: number;
  /** The countdown; above 0. */
  readonly inMs: number;
  /** What it adds: the rate, or what is missing to `max` if that is less. */
  readonly amountNano: NanoCoins;
}

export interface LimitedBalance {
  readonly kind: "limited";
  /** Refills up to now included. */
  readonly balanceNano: NanoCoins;
  /** Set aside for calls that are running. */
  readonly heldNano: NanoCoins;
  readonly availableNano: NanoCoins;
  readonly maxNano: NanoCoins;
  readonly refreshNanoPerHour: NanoCoins;
  /** The balance in whole percent of `max`, 0 to 100: 0 only where the pool is empty. */
  readonly percent: number;
  /** Undefined: the pool is full, or never refills. */
  readonly nextRefill?: NextRefill;
}

/** What a page or the command line shows of a pool. `none` reads "Not configured" (P3), `blocked` is a `max` of 0 (P1). */
export type PoolBalanceView = { readonly kind: "none" } | { readonly kind: "unlimited" } | { readonly kind: "blocked" } | LimitedBalance;

/** Whole percent, 0 to 100: 0 only where nothing is left. */
export function percentOf(balance: NanoCoins, max: NanoCoins): number {
  if (balance <= 0n) return 0;
  if (balance >= max) return 100;
  const percent = Number((balance * 100n) / max);
  return percent === 0 ? 1 : percent;
}

function nextRefill(balance: NanoCoins, terms: PoolTerms & { kind: "limited" }, refillFrom: number, now: number): NextRefill | undefined {
  const room = terms.maxNano - balance;
  const rate = terms.refreshNanoPerHour;
  if (room <= 0n || rate <= 0n) return undefined;
  const at = refillFrom + HOUR_MS;
  return { at, inMs: at - now, amountNano: rate < room ? rate : room };
}

/**
 * A pool as it stands at `now`, under the terms that the configuration gives it now (P3).
 * @param pool undefined: not opened yet, which happens at its first use with `starting` coins (P7)
 */
export function poolBalanceView(terms: PoolTerms | undefined, pool: CoinPool | undefined, now: number): PoolBalanceView {
  if (!terms) return { kind: "none" };
  if (terms.kind !== "limited") return { kind: terms.kind };
  const due = pool ? refillDue(pool, now) : { amountNano: 0n, refillFrom: now };
  const balanceNano = pool ? pool.balanceNano + due.amountNano : terms.startingNano;
  const heldNano = pool?.heldNano ?? 0n;
  return {
    kind: "limited",
    balanceNano,
    heldNano,
    availableNano: balanceNano > heldNano ? balanceNano - heldNano : 0n,
    maxNano: terms.maxNano,
    refreshNanoPerHour: terms.refreshNanoPerHour,
    percent: percentOf(balanceNano, terms.maxNano),
    nextRefill: nextRefill(balanceNano, terms, due.refillFrom, now),
  };
}

/** Whether less is left than `coins.low_balance_percent` of a full pool. */
export function isLowBalance({ availableNano, maxNano }: LimitedBalance, lowBalancePercent: number): boolean {
  return availableNano * 10_000n < maxNano * BigInt(Math.round(lowBalancePercent * 100));
}
