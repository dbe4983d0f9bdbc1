import type { Client } from "../domain/owner";
import type { Store } from "../stores/types";
import { allRows } from "./allRows";

/** All clients, by name. */
export async function listClients(deps: { readonly store: Pick<Store, "clients"> }): Promise<readonly Client[]> {
  const clients: Client[] = [];
  for await (const client of allRows(deps.store.clients)) clients.push(client);
  return clients.sort((a, b) => (a.name < b.name ? -1 : 1));
}
