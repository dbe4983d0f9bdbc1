import type { User } from "../../../../core/domain/owner";
import { NotFound, type Visit } from "../../visit";

/** The person in the path. @throws NotFound where there is none */
export async function userOf({ deps, params }: Visit): Promise<User> {
  const user = await deps.store.users.get(params["id"] ?? "");
  if (!user) throw new NotFound();
  return user;
}
