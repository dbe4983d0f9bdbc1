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

/** One line of a request to hold: `minimumNano` is what it can do with, if the whole does not fit. */
export interface Admission {
  readonly pool: string;
  readonly wantNano: NanoCoins;
}

/**
 * The one function that decides holds, for every store (H2): admits, in order, each request all of whose lines fit what is
 * available, taking what it admits from `available` (which it changes). A line of 0 needs a balance above 0 (P8), unless
 * `zeroIsFree`.
 * @returns for each request whether it was admitted.
 */
export function admit(
  available: Map<string, NanoCoins>,
  requests: readonly { readonly lines: readonly Admission[]; readonly zeroIsFree?: boolean }[],
): boolean[] {
  return requests.map((request) => {
    const fits = request.lines.every(({ pool, wantNano }) => {
      const has = available.get(pool) ?? 0n;
      return wantNano === 0n ? has > 0n || request.zeroIsFree === true : wantNano <= has;
    });
    if (fits) for (const { pool, wantNano } of request.lines) available.set(pool, (available.get(pool) ?? 0n) - wantNano);
    return fits;
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
  const reach = heldNano + (availableNano > 0n ? availableNano : 0n);
  const chargedNano = costNano <= reach ? costNano : reach;
  return { pool, chargedNano, uncollectedNano: costNano - chargedNano };
}
