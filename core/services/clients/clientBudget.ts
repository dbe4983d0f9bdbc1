import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { Client } from "../../domain/owner";
import { poolTermsOf } from "../../domain/ownerSettings";
import { poolBalanceView, type PoolBalanceView } from "../../domain/poolBalanceView";
import type { Clock } from "../../clock";
import type { Store } from "../../stores/types";

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
  const now = deps.clock();
  const [totals, pool] = await Promise.all([deps.store.usage.totals({ ownerId: client.id }), deps.store.ledger.pool(client.id, now)]);
  return {
    tokens: totals.inputTokens + totals.outputTokens,
    spentNano: totals.costNano,
    pool: poolBalanceView(poolTermsOf(client, snapshot).terms, pool, now),
  };
}
