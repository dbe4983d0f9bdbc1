import { HOUR_MS } from "./coinPool";
import type { NanoCoins } from "./coins";
import type { LimitedBalance } from "./poolBalanceView";

const DAY_MS = 24n * BigInt(HOUR_MS);

/** What was spent in a stretch of time. */
export interface Pace {
  readonly spentNano: NanoCoins;
  /** Above 0. */
  readonly elapsedMs: number;
}

/** How long coins last if they go on being spent as before. */
export type CoinOutlook =
  /** Nothing was spent. */
  | { readonly kind: "unspent" }
  /** The hourly refill brings at least what is spent. */
  | { readonly kind: "covered" }
  /** Nothing is left now. */
  | { readonly kind: "empty" }
  | { readonly kind: "until"; readonly at: number };

/** Nano-coins per day, rounded up. */
export function burnPerDay({ spentNano, elapsedMs }: Pace): NanoCoins {
  const elapsed = BigInt(Math.max(1, Math.round(elapsedMs)));
  return (spentNano * DAY_MS + elapsed - 1n) / elapsed;
}

/**
 * Refills count from where they really come: they stop at `max`, so that what is above it is spent without them (docs/rules.md P6).
 * Coins that are held for running calls count as spent.
 */
export function coinOutlook(balance: LimitedBalance, pace: Pace, now: number): CoinOutlook {
  const { availableNano, maxNano, refreshNanoPerHour } = balance;
  if (pace.spentNano <= 0n) return { kind: "unspent" };
  if (availableNano <= 0n) return { kind: "empty" };
  const elapsed = BigInt(Math.max(1, Math.round(pace.elapsedMs)));
  const refilled = (refreshNanoPerHour * elapsed) / BigInt(HOUR_MS);
  const lost = pace.spentNano - refilled;
  if (lost <= 0n) return { kind: "covered" };
  const above = availableNano > maxNano ? availableNano - maxNano : 0n;
  const lasts = (above * elapsed) / pace.spentNano + ((availableNano - above) * elapsed) / lost;
  return { kind: "until", at: now + Number(lasts) };
}
