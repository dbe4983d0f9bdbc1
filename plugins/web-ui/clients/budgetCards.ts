import type { ClientBudget } from "../../../core/services/clients/clientBudget";
import { displayCoins, displayLimit } from "../../../core/domain/coins";

/** The cards of a client's page, as views/clients/cards.hbs shows them. */
export interface BudgetCards {
  readonly tokens: number;
  readonly spentNano: bigint;
  readonly pool: { readonly text: string; readonly of?: string };
  readonly refill: { readonly text: string; readonly isFull?: boolean; readonly nextInMs?: number };
}

const NO_REFILL = { text: "None" };

export function budgetCards({ tokens, spentNano, pool }: ClientBudget): BudgetCards {
  if (pool.kind !== "limited") {
    const text = pool.kind === "unlimited" ? "Unlimited" : pool.kind === "blocked" ? "Blocked" : "Not configured";
    return { tokens, spentNano, pool: { text }, refill: NO_REFILL };
  }
  const { refreshNanoPerHour, nextRefill } = pool;
  return {
    tokens,
    spentNano,
    pool: { text: displayCoins(pool.balanceNano), of: displayLimit(pool.maxNano) },
    refill: refreshNanoPerHour === 0n ? NO_REFILL : { text: `+${displayCoins(refreshNanoPerHour)}`, ...(nextRefill ? { nextInMs: nextRefill.inMs } : { isFull: true }) },
  };
}
