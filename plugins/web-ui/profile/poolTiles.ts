import { displayCoins, displayLimit } from "../../../core/domain/coins";
import { isLowBalance, type PoolBalanceView } from "../../../core/domain/poolBalanceView";

/** The tiles Coins Available and Refill Rate (docs/rules.md P1, P3, P6). */
export interface PoolTiles {
  /** A number, `Unlimited`, or `—` where no pool is configured. */
  readonly available: string;
  readonly of?: string;
  /** With a limit alone: the bar. */
  readonly percent?: number;
  readonly isLow: boolean;
  readonly note?: string;
  /** `+1.00`, or `—`. */
  readonly refill: string;
  readonly hasRefill: boolean;
  /** Until the next refill that adds something. */
  readonly nextInMs?: number;
  readonly refillNote?: string;
}

const NO_REFILL = { refill: "—", hasRefill: false } as const;

export function poolTiles(pool: PoolBalanceView, lowBalancePercent: number): PoolTiles {
  if (pool.kind === "unlimited") return { available: "Unlimited", isLow: false, ...NO_REFILL };
  if (pool.kind === "none") return { available: "—", isLow: false, note: "No budget is set up for this account.", ...NO_REFILL };
  if (pool.kind === "blocked") return { available: "0.00", isLow: true, note: "The budget is blocked: every request is refused.", ...NO_REFILL };
  const { availableNano, balanceNano, maxNano, refreshNanoPerHour, percent, nextRefill } = pool;
  const hasRefill = refreshNanoPerHour > 0n;
  return {
    available: displayCoins(availableNano),
    of: displayLimit(maxNano),
    percent,
    isLow: isLowBalance(pool, lowBalancePercent),
    ...(balanceNano <= 0n ? { note: `Requests are refused until ${hasRefill ? "a refill or " : ""}a grant.` } : {}),
    refill: hasRefill ? `+${displayCoins(refreshNanoPerHour)}` : "—",
    hasRefill,
    ...(nextRefill ? { nextInMs: nextRefill.inMs } : {}),
    ...(hasRefill && !nextRefill ? { refillNote: "The pool is full." } : {}),
    ...(hasRefill ? {} : { refillNote: "Does not refill by itself." }),
  };
}
