import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { Client } from "../../domain/owner";
import { poolTermsOf } from "../../domain/ownerSettings";
import { StoreConflict } from "../../errors/storeErrors";
import type { Store } from "../../stores/types";
import { audit } from "../audit";
import { done, refused, type Outcome } from "../outcome";
import { changeClient, type ChangeClientDeps } from "./changeClient";
import { clientNameFault } from "./clientNameFault";

export interface RenameClientDeps extends ChangeClientDeps {
  readonly store: Pick<Store, "clients" | "auditLog" | "ledger">;
}

export interface Rename {
  readonly id: string;
  readonly name: string;
  /** A user's id, or `cli`. */
  readonly by: string;
}

/**
 * P5: a rename keeps keys, coins, consents and usage, which hang on the client's id. Its entry in the file is found by name:
 * where the file knows the old or the new one, the caller is told what that means from now on.
 */
export async function renameClient(deps: RenameClientDeps, snapshot: ConfigSnapshot, { id, name, by }: Rename): Promise<Outcome<Client>> {
  const fault = clientNameFault(name);
  if (fault) return refused(fault, "name");
  const taken = refused(`There is already a client named '${name}'.`, "name");
  const holder = await deps.store.clients.find("name", name);
  if (holder && holder.id !== id) return taken;
  try {
    const change = await changeClient(deps, id, (client) => (client.name === name ? undefined : { ...client, name }));
    if (!change) return refused("There is no such client.");
    const { before, after, changed } = change;
    if (!changed) return done(after);
    await audit(deps, by, "client.rename", id, { from: before.name, to: name });
    const { terms } = poolTermsOf(after, snapshot);
    // Another entry may speak for it now: the hours before are closed at the old rate (P6).
    if (terms) await deps.store.ledger.applyTerms([{ pool: id, terms }], deps.clock());
    return done(after, renameWarnings(snapshot, before.name, name));
  } catch (error) {
    if (error instanceof StoreConflict) return taken;
    throw error;
  }
}

/** What the file says of the two names of a client that was renamed. */
export function renameWarnings({ clients }: ConfigSnapshot, from: string, to: string): readonly string[] {
  const line = (name: string) => clients.byName.get(name)?.at.line;
  const warnings: string[] = [];
  if (clients.byName.has(from)) {
    warnings.push(`config.yaml still has an entry for '${from}' (line ${line(from)}): rename it there too, or it is skipped and '${to}' has other coins and models.`);
  }
  if (clients.byName.has(to)) warnings.push(`config.yaml has an entry for '${to}' (line ${line(to)}): it holds for this client from now on.`);
  return warnings;
}
