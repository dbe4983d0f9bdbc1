import type { Client, User } from "../../domain/owner";
import type { Store } from "../../stores/types";

/** The people who manage a client, by name. */
export async function managersOf(deps: { readonly store: Pick<Store, "users"> }, client: Client): Promise<readonly User[]> {
  const users = await Promise.all(client.managers.map((id) => deps.store.users.get(id)));
  return users.filter((user) => user !== undefined).sort((a, b) => a.name.localeCompare(b.name, "en"));
}
