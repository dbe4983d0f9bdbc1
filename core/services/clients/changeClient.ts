import type { Client } from "../../domain/owner";
import type { Store } from "../../stores/types";
import type { AuditDeps } from "../audit";
import { changeRow } from "../changeRow";

export interface ChangeClientDeps extends AuditDeps {
  readonly store: Pick<Store, "clients" | "auditLog">;
}

export interface ClientChange {
  readonly before: Client;
  readonly after: Client;
  /** False: it was so already. */
  readonly changed: boolean;
}

/**
 * Changes one client, whatever others change meanwhile.
 * @param change what it returns is written; undefined leaves the client as it is
 * @returns undefined where there is no such client
 */
export async function changeClient(deps: ChangeClientDeps, id: string, change: (client: Client) => Client | undefined): Promise<ClientChange | undefined> {
  let before: Client | undefined;
  let wanted: Client | undefined;
  const after = await changeRow<Client>(deps.store.clients, id, (client) => {
    before = client;
    wanted = client && change(client);
    return wanted;
  });
  return before && after ? { before, after, changed: wanted !== undefined } : undefined;
}
