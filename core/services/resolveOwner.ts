import type { Owner } from "../domain/owner";
import type { Store } from "../stores/types";
import { done, refused, type Outcome } from "./outcome";

/** How people name an owner: a client by its name, a user by their address. Exactly one of the two. */
export interface OwnerReference {
  readonly client?: string;
  readonly user?: string;
}

export async function resolveOwner(
  deps: { readonly store: Pick<Store, "users" | "clients"> },
  { client, user }: OwnerReference,
): Promise<Outcome<Owner>> {
  if ((client === undefined) === (user === undefined)) return refused("Name either a client or a user.");
  if (client !== undefined) {
    const found = await deps.store.clients.find("name", client);
    return found ? done<Owner>(found) : refused(`There is no client named '${client}'.`, "client");
  }
  const address = (user ?? "").trim().toLowerCase();
  const found = await deps.store.users.find("email", address);
  return found ? done<Owner>(found) : refused(`There is no user with the address '${address}'.`, "user");
}
