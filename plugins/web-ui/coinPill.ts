import { displayCoins, displayLimit } from "../../core/domain/coins";
import type { User } from "../../core/domain/owner";
import { isLowBalance, percentOf } from "../../core/domain/poolBalanceView";
import { poolBalance } from "../../core/services/poolBalance";
import type { Visit } from "./visit";

/** The balance in the header: a ring that empties, and the number beside it. */
export interface CoinPill {
  readonly kind: "limited" | "unlimited" | "none";
  readonly available: string;
  readonly of?: string;
  /** What is left of the ring, in per cent of its length. */
  readonly percent: number;
  /** Little is left (`coins.low_balance_percent`). */
  readonly isLow: boolean;
}

export async function coinPill({ snapshot, deps }: Visit, user: User): Promise<CoinPill> {
  const pool = await poolBalance(deps, snapshot, user);
  if (pool.kind === "unlimited") return { kind: "unlimited", available: "Unlimited", percent: 100, isLow: false };
  if (pool.kind !== "limited") return { kind: "none", available: "No budget", percent: 0, isLow: false };
  return {
    kind: "limited",
    available: displayCoins(pool.availableNano),
    of: displayLimit(pool.maxNano),
    percent: percentOf(pool.availableNano, pool.maxNano),
    isLow: isLowBalance(pool, snapshot.coins.lowBalancePercent),
  };
}
