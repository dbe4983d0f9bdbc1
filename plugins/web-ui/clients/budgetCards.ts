import type { ClientBudget } from "../../../core/services/clients/clientBudget";
import { displayCoins } from "../../../core/domain/coins";

/** The cards of a client's page, as views/clients/cards.hbs shows them. */
export interface BudgetCards {
  readonly tokens: number;
  readonly spentNano: bigint;
  readonly pool: { readonly text: string; readonly of?: string };
  readonly refill: { readonly text: string; readonly isFull?: boolean; readonly next?: { readonly text: string; readonly at: string } };
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const NO_REFILL = { text: "None" };

export function budgetCards({ tokens, spentNano, pool }: ClientBudget): BudgetCards {
  if (pool.kind !== "limited") {
    const text = pool.kind === "unlimited" ? "Unlimited" : pool.kind === "blocked" ? "Blocked" : "Not configured";
    return { tokens, spentNano, pool: { text }, refill: NO_REFILL };
  }
  const { refreshNanoPerHour, nextRefill } = pool;
  const next = nextRefill && { text: countdown(nextRefill.inMs), at: new Date(nextRefill.at).toISOString() };
  return {
    tokens,
    spentNano,
    pool: { text: displayCoins(pool.balanceNano), of: displayCoins(pool.maxNano).replace(/\.00$/, "") },
    refill: refreshNanoPerHour === 0n ? NO_REFILL : { text: `+${displayCoins(refreshNanoPerHour)}`, ...(next ? { next } : { isFull: true }) },
  };
}

/** `24 min`, and below a minute `50 s`. */
export function countdown(ms: number): string {
  return ms >= MINUTE_MS ? `${Math.ceil(ms / MINUTE_MS)} min` : `${Math.max(1, Math.ceil(ms / SECOND_MS))} s`;
}
