import type { Clock } from "../clock";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { Owner } from "../domain/owner";
import { poolTermsOf } from "../domain/ownerSettings";
import { poolBalanceView, type PoolBalanceView } from "../domain/poolBalanceView";
import type { Store } from "../stores/types";

export interface PoolBalanceDeps {
  readonly store: Pick<Store, "ledger">;
  readonly clock: Clock;
}

/** The pool of one owner as it stands now (docs/rules.md P3, P6). Asks the ledger only where there is a limit. */
export async function poolBalance({ store, clock }: PoolBalanceDeps, snapshot: ConfigSnapshot, owner: Owner): Promise<PoolBalanceView> {
  const { terms } = poolTermsOf(owner, snapshot);
  const now = clock();
  const pool = terms?.kind === "limited" ? await store.ledger.pool(owner.id, now) : undefined;
  return poolBalanceView(terms, pool, now);
}
