import { refillDue, type CoinPool, type PoolTerms } from "./coinPool";
import type { NanoCoins } from "./coins";

/**
 * A pool at its first use (docs/rules.md P7): it begins at `starting`, and its clock begins now (P6).
 * @returns undefined where the terms keep no balance: there is nothing to open until they do
 */
export function openPool(id: string, terms: PoolTerms, now: number): CoinPool | undefined {
  if (terms.kind !== "limited") return undefined;
  return { id, balanceNano: terms.startingNano, heldNano: 0n, terms, refillFrom: now };
}

export interface TermsChange {
  readonly pool: CoinPool;
  /** What the hours before the change brought, at the old rate; booked as a refill of its own. */
  readonly refillNano: NanoCoins;
}

/**
 * Puts new terms in force (P6, P7): full hours before now are closed at the old rate, the hour that is running ends at the
 * new one, and the balance stays, also beside unlimited or blocked.
 */
export function withTerms(pool: CoinPool, terms: PoolTerms, now: number): TermsChange {
  const { amountNano: refillNano, refillFrom } = refillDue(pool, now);
  return { pool: { ...pool, balanceNano: pool.balanceNano + refillNano, terms, refillFrom }, refillNano };
}

/**
 * The signed amount that an admin's adjustment changes a balance by (P7). A take stops at what no running call holds, and a
 * reset never goes below what is held, so that holds stay good (H2).
 * @param amountNano of a grant or a take, above 0
 */
export function adjustmentOf(
  pool: Pick<CoinPool, "balanceNano" | "heldNano" | "terms">,
  kind: "grant" | "take" | "reset",
  amountNano: NanoCoins = 0n,
): NanoCoins {
  if (kind === "grant") return amountNano;
  const { balanceNano, heldNano, terms } = pool;
  if (kind === "take") {
    const free = balanceNano > heldNano ? balanceNano - heldNano : 0n;
    return -(amountNano < free ? amountNano : free);
  }
  if (terms.kind !== "limited") return 0n;
  return (terms.startingNano > heldNano ? terms.startingNano : heldNano) - balanceNano;
}
