import type { Owner } from "../domain/owner";
import type { Store } from "../stores/types";

/** The client or user with this id; ids are unique over both. */
export async function findOwner(deps: { store: Pick<Store, "users" | "clients"> }, id: string): Promise<Owner | undefined> {
  return (await deps.store.clients.get(id)) ?? (await deps.store.users.get(id));
}
