import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { Client } from "../../domain/owner";
import type { PoolBalanceView } from "../../domain/poolBalanceView";
import { totalTokens } from "../../domain/usage";
import type { Clock } from "../../clock";
import type { Store } from "../../stores/types";
import { poolBalance } from "../poolBalance";

export interface ClientBudgetDeps {
  readonly store: Pick<Store, "ledger" | "usage">;
  readonly clock: Clock;
}

/** What the cards of a client's page show: used so far, and what is left. */
export interface ClientBudget {
  /** Input and output. */
  readonly tokens: number;
  readonly spentNano: bigint;
  readonly pool: PoolBalanceView;
}

export async function clientBudget(deps: ClientBudgetDeps, snapshot: ConfigSnapshot, client: Client): Promise<ClientBudget> {
  const [totals, pool] = await Promise.all([deps.store.usage.totals({ ownerId: client.id }), poolBalance(deps, snapshot, client)]);
  return {
    tokens: totalTokens(totals),
    spentNano: totals.costNano,
    pool,
  };
}
