import type { Client } from "../../domain/owner";
import { audit } from "../audit";
import { done, refused, type Outcome } from "../outcome";
import type { ManagersDeps } from "./addManager";
import { changeClient } from "./changeClient";

export interface LeavingManager {
  readonly id: string;
  readonly userId: string;
  /** A user's id, or `cli`. */
  readonly by: string;
}

/** Takes a client out of a person's hands; their other rights stay. A client may be without managers: then admins see to it. */
export async function removeManager(deps: ManagersDeps, { id, userId, by }: LeavingManager): Promise<Outcome<Client>> {
  const change = await changeClient(deps, id, (client) =>
    client.managers.includes(userId) ? { ...client, managers: client.managers.filter((one) => one !== userId) } : undefined);
  if (!change) return refused("There is no such client.");
  const user = await deps.store.users.get(userId);
  const label = user?.email ?? userId;
  if (!change.changed) return refused(`${label} is no manager of ${change.after.name}.`, "email");
  await audit(deps, by, "manager.remove", id, { client: change.after.name, user: label });
  return done(change.after);
}
