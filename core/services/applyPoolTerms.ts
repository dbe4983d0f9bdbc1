import type { PoolTerms } from "../domain/coinPool";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { Owner } from "../domain/owner";
import { poolTermsOf } from "../domain/ownerSettings";
import type { Clock } from "../clock";
import type { Records, Store } from "../stores/types";

export interface ApplyTermsDeps {
  readonly store: Pick<Store, "users" | "clients" | "ledger">;
  readonly clock: Clock;
}

const BATCH = 500;

/**
 * Puts the file's pool terms in force for every owner: the hours before a change are closed at the old rate (docs/rules.md
 * P6), whether or not the owner calls again soon. Runs at the start and after each reload.
 */
export async function applyPoolTerms(deps: ApplyTermsDeps, snapshot: ConfigSnapshot): Promise<void> {
  await applyTo(deps, snapshot, deps.store.users);
  await applyTo(deps, snapshot, deps.store.clients);
}

async function applyTo<T extends Owner>(deps: ApplyTermsDeps, snapshot: ConfigSnapshot, records: Records<T>): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await records.list({ limit: BATCH, ...(cursor === undefined ? {} : { cursor }) });
    const changes: { pool: string; terms: PoolTerms }[] = [];
    for (const owner of page.rows) {
      const { terms } = poolTermsOf(owner, snapshot);
      if (terms) changes.push({ pool: owner.id, terms });
    }
    await deps.store.ledger.applyTerms(changes, deps.clock());
    cursor = page.next;
  } while (cursor !== undefined);
}
