import type { CoinPool } from "../../domain/coinPool";
import type { User } from "../../domain/owner";
import type { Clock } from "../../clock";
import type { Store, UsageTotals } from "../../stores/types";
import { listUsers } from "../listUsers";

export interface UserRowsDeps {
  readonly store: Pick<Store, "users" | "ledger" | "usage">;
  readonly clock: Clock;
}

/** A person with what they used and have; undefined where there was nothing yet. */
export interface UserRow {
  readonly user: User;
  readonly totals?: UsageTotals;
  readonly pool?: CoinPool;
}

/** Everybody, with three questions to the store, however many they are. */
export async function listUserRows(deps: UserRowsDeps): Promise<readonly UserRow[]> {
  const [users, totals] = await Promise.all([listUsers(deps), deps.store.usage.totalsBy("ownerId", {})]);
  const pools = await deps.store.ledger.pools(users.map(({ id }) => id), deps.clock());
  return users.map((user) => ({ user, totals: totals.get(user.id), pool: pools.get(user.id) }));
}
