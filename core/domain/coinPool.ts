import type { NanoCoins } from "./coins";

/** What the configuration says of one owner's pool (docs/rules.md P1, P2). */
export type PoolTerms =
  | { readonly kind: "unlimited" }
  | { readonly kind: "blocked" }
  | {
      readonly kind: "limited";
      readonly maxNano: NanoCoins;
      readonly refreshNanoPerHour: NanoCoins;
      readonly startingNano: NanoCoins;
    };

/**
 * A pool as the store keeps it. `balanceNano` is posted money: grants and refills less settlements. What is held for
 * running calls is a part of it: available = balance − held.
 */
export interface CoinPool {
  /** The owner's id; for a key with a coin cap `key:<key id>`. */
  readonly id: string;
  readonly balanceNano: NanoCoins;
  readonly heldNano: NanoCoins;
  /** The terms in force since `refillFrom`. */
  readonly terms: PoolTerms;
  /** Epoch milliseconds from which the next full hour counts (P6). */
  readonly refillFrom: number;
}

export const HOUR_MS = 3_600_000;

/** What a look at a pool's clock finds. */
export interface Refill {
  readonly amountNano: NanoCoins;
  readonly refillFrom: number;
}

/**
 * P6: each full hour since `refillFrom` adds the rate, never beyond `max`; a balance above `max` is left alone. The clock
 * moves by whole hours, so that a minute is never lost. A clock that was set back adds nothing.
 */
export function refillDue(pool: Pick<CoinPool, "balanceNano" | "terms" | "refillFrom">, now: number): Refill {
  const hours = Math.floor((now - pool.refillFrom) / HOUR_MS);
  if (hours <= 0) return { amountNano: 0n, refillFrom: pool.refillFrom };
  const refillFrom = pool.refillFrom + hours * HOUR_MS;
  if (pool.terms.kind !== "limited") return { amountNano: 0n, refillFrom };
  const { maxNano, refreshNanoPerHour } = pool.terms;
  const room = maxNano - pool.balanceNano;
  const added = BigInt(hours) * refreshNanoPerHour;
  const amountNano = room <= 0n ? 0n : added < room ? added : room;
  return { amountNano, refillFrom };
}

/** Do two sets of terms say the same? A difference closes the hours before it at the old rate (P6). */
export function sameTerms(a: PoolTerms, b: PoolTerms): boolean {
  if (a.kind !== "limited" || b.kind !== "limited") return a.kind === b.kind;
  return (
    a.maxNano === b.maxNano && a.refreshNanoPerHour === b.refreshNanoPerHour && a.startingNano === b.startingNano
  );
}
