import type { User } from "../domain/owner";
import type { Store } from "../stores/types";
import { allRows } from "./allRows";

/** All users, by address. */
export async function listUsers(deps: { readonly store: Pick<Store, "users"> }): Promise<readonly User[]> {
  const users: User[] = [];
  for await (const user of allRows(deps.store.users)) users.push(user);
  return users.sort((a, b) => (a.email < b.email ? -1 : 1));
}
