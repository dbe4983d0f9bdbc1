import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { Client } from "../domain/owner";
import { StoreConflict } from "../errors/storeErrors";
import { uuidv7 } from "../ids";
import type { Store } from "../stores/types";
import { audit, type AuditDeps } from "./audit";
import { clientNameFault } from "./clients/clientNameFault";
import { done, refused, type Outcome } from "./outcome";

export interface CreateClientDeps extends AuditDeps {
  readonly store: Pick<Store, "clients" | "auditLog">;
}

export interface NewClient {
  readonly name: string;
  /** A user's id, or `cli`. */
  readonly by: string;
}

/** P5: clients are made here, never by YAML; a name is unique, and `default` is the section that speaks for all of them. */
export async function createClient(deps: CreateClientDeps, { name, by }: NewClient): Promise<Outcome<Client>> {
  const fault = clientNameFault(name);
  if (fault) return refused(fault, "name");
  const taken = refused(`There is already a client named '${name}'.`, "name");
  if (await deps.store.clients.find("name", name)) return taken;
  const now = deps.clock();
  const client: Client = { id: uuidv7(now), kind: "client", name, managers: [], active: true, createdAt: now };
  try {
    const stored = await deps.store.clients.put(client);
    await audit(deps, by, "client.create", client.id, { name });
    return done(stored);
  } catch (error) {
    if (error instanceof StoreConflict) return taken;
    throw error;
  }
}

/** P5: named entries of the file that no client has; they are skipped, and said so. */
export async function strayClientEntries(
  deps: { readonly store: Pick<Store, "clients"> },
  snapshot: ConfigSnapshot,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of snapshot.clients.byName.keys()) {
    if (!(await deps.store.clients.find("name", name))) names.push(name);
  }
  return names;
}
