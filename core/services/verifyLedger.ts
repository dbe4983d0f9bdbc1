import { formatCoins } from "../domain/coins";
import type { Store } from "../stores/types";

/** The proof of the books, with amounts as exact decimal strings. */
export interface LedgerReport {
  readonly exact: boolean;
  readonly pools: number;
  readonly entries: number;
  readonly openHolds: number;
  readonly coins: string;
  readonly uncollected: string;
  readonly differences: readonly string[];
}

/** Reads the whole history again: Σ adjustments − Σ charges = balance, Σ open holds = held, for every pool. */
export async function verifyLedger(deps: { readonly store: Pick<Store, "verifyBooks"> }): Promise<LedgerReport> {
  const { costNano, uncollectedNano, ...report } = await deps.store.verifyBooks();
  return { ...report, coins: formatCoins(costNano), uncollected: formatCoins(uncollectedNano) };
}
