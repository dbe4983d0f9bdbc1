import type { Client } from "../../domain/owner";
import { audit } from "../audit";
import { done, refused, type Outcome } from "../outcome";
import { changeClient, type ChangeClientDeps } from "./changeClient";

export interface Activation {
  readonly id: string;
  readonly active: boolean;
  /** A user's id, or `cli`. */
  readonly by: string;
}

/** Switches a client off or on. Off: its calls are refused and running ones end (docs/rules.md K4); nothing is lost. */
export async function setClientActive(deps: ChangeClientDeps, { id, active, by }: Activation): Promise<Outcome<Client>> {
  const change = await changeClient(deps, id, (client) => (client.active === active ? undefined : { ...client, active }));
  if (!change) return refused("There is no such client.");
  if (change.changed) await audit(deps, by, active ? "client.activate" : "client.deactivate", id, { name: change.after.name });
  return done(change.after);
}
