import type { Client, User } from "../../domain/owner";
import type { Store } from "../../stores/types";
import { audit } from "../audit";
import { normaliseEmail } from "../createUser";
import { done, refused, type Outcome } from "../outcome";
import { changeClient, type ChangeClientDeps } from "./changeClient";

export interface ManagersDeps extends ChangeClientDeps {
  readonly store: Pick<Store, "clients" | "users" | "auditLog">;
}

export interface NewManager {
  readonly id: string;
  readonly email: string;
  /** A user's id, or `cli`. */
  readonly by: string;
}

/** Makes a person a manager of a client. They have to be known here, by a sign-in or by `lumen user create`. */
export async function addManager(deps: ManagersDeps, { id, email, by }: NewManager): Promise<Outcome<{ readonly client: Client; readonly user: User }>> {
  const address = normaliseEmail(email);
  if (address === undefined) return refused(email.trim() === "" ? "Choose a person, or type an address." : `'${email.slice(0, 80)}' is no e-mail address.`, "email");
  const user = await deps.store.users.find("email", address);
  if (!user) return refused(`Nobody with the address ${address} is known here. They have to sign in once before they can manage a client.`, "email");
  if (!user.active) return refused(`${address} is deactivated and cannot manage a client.`, "email");
  const change = await changeClient(deps, id, (client) =>
    client.managers.includes(user.id) ? undefined : { ...client, managers: [...client.managers, user.id] });
  if (!change) return refused("There is no such client.");
  if (!change.changed) return refused(`${address} is a manager of ${change.after.name} already.`, "email");
  await audit(deps, by, "manager.add", id, { client: change.after.name, user: address });
  return done({ client: change.after, user });
}
