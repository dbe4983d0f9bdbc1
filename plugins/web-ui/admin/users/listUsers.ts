import { page, part, type Reply, type Visit } from "../../visit";
import { usersTable } from "./usersTable";

/** Everybody who was ever here, or was made here. */
export async function listUsers(visit: Visit): Promise<Reply> {
  const table = await usersTable(visit);
  return visit.isSwap ? part("partials/table", table) : page("admin/users", "Users", { table });
}
