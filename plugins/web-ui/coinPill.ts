import { displayCoins } from "../../core/domain/coins";
import { poolTermsOf } from "../../core/domain/ownerSettings";
import type { User } from "../../core/domain/owner";
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
  const { terms } = poolTermsOf(user, snapshot);
  if (!terms || terms.kind === "blocked") return { kind: "none", available: "No budget", percent: 0, isLow: false };
  if (terms.kind === "unlimited") return { kind: "unlimited", available: "Unlimited", percent: 100, isLow: false };
  const pool = await deps.store.ledger.pool(user.id, deps.clock());
  const availableNano = pool ? pool.balanceNano - pool.heldNano : terms.startingNano;
  const percent = terms.maxNano > 0n ? Math.max(0, Math.min(100, Number((availableNano * 100n) / terms.maxNano))) : 0;
  return {
    kind: "limited",
    available: displayCoins(availableNano),
    of: displayCoins(terms.maxNano).replace(/\.00$/, ""),
    percent,
    isLow: percent < snapshot.coins.lowBalancePercent,
  };
}
