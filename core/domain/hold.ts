import type { NanoCoins } from "./coins";

/** Coins set aside before a call (docs/rules.md H1 to H6). */
export interface Hold {
  /** The request id; a hold is idempotent by it. */
  readonly id: string;
  readonly lines: readonly HoldLine[];
  readonly placedAt: number;
}

export interface HoldLine {
  readonly pool: string;
  readonly amountNano: NanoCoins;
}

/** One line of a request to hold. */
export interface Admission {
  readonly pool: string;
  readonly wantNano: NanoCoins;
}

export interface AdmissionRequest {
  readonly lines: readonly Admission[];
  /** P8: a hold of 0 coins is admitted on an empty pool. */
  readonly zeroIsFree?: boolean;
}

/** What the lines of one request want of each pool; two lines on one pool count together. */
function wantedByPool(lines: readonly Admission[]): Map<string, NanoCoins> {
  const wanted = new Map<string, NanoCoins>();
  for (const { pool, wantNano } of lines) wanted.set(pool, (wanted.get(pool) ?? 0n) + wantNano);
  return wanted;
}

/**
 * The one function that decides holds, for every store (H2): admits, in order, each request all of whose lines fit what is
 * available, taking what it admits from `available` (which it changes). A pool that is not there pays for nothing, and a
 * line below 0 is never admitted. A hold of 0 needs a balance above 0 (P8), unless `zeroIsFree`.
 * @param available balance less what is held, by pool
 * @param balances by pool, for holds of 0: coins held by other calls are still a balance (P8). Without it, what is available
 *   is asked
 * @returns for each request whether it was admitted
 */
export function admit(
  available: Map<string, NanoCoins>,
  requests: readonly AdmissionRequest[],
  balances: ReadonlyMap<string, NanoCoins> = available,
): boolean[] {
  return requests.map(({ lines, zeroIsFree }) => {
    const wanted = wantedByPool(lines);
    const fits = ([pool, wantNano]: [string, NanoCoins]): boolean => {
      const has = available.get(pool);
      if (has === undefined) return false;
      return wantNano === 0n ? zeroIsFree === true || (balances.get(pool) ?? 0n) > 0n : wantNano <= has;
    };
    if (lines.some(({ wantNano }) => wantNano < 0n) || ![...wanted].every(fits)) return false;
    for (const [pool, wantNano] of wanted) available.set(pool, (available.get(pool) ?? 0n) - wantNano);
    return true;
  });
}

/** How a settlement is taken from one pool. */
export interface Charge {
  readonly pool: string;
  readonly chargedNano: NanoCoins;
  /** What the pool could not pay (H3). */
  readonly uncollectedNano: NanoCoins;
}

/**
 * H3: the cost is taken from the hold first, then from what is available, and never below 0.
 * @param availableNano what is free in the pool besides this hold
 */
export function chargeFor(pool: string, costNano: NanoCoins, heldNano: NanoCoins, availableNano: NanoCoins): Charge {
  const reach = atLeastZero(heldNano) + atLeastZero(availableNano);
  const cost = atLeastZero(costNano);
  const chargedNano = cost <= reach ? cost : reach;
  return { pool, chargedNano, uncollectedNano: cost - chargedNano };
}

function atLeastZero(amount: NanoCoins): NanoCoins {
  return amount > 0n ? amount : 0n;
}
