import { removeManager } from "../../../core/services/clients/removeManager";
import { bad, good, redirect, type MemberVisit, type Reply } from "../visit";
import { clientOf } from "./clientOf";

/** `POST /clients/:id/managers/:userId/remove` */
export async function removeManagerFromForm(visit: MemberVisit): Promise<Reply> {
  const { id, name } = await clientOf(visit);
  const removed = await removeManager(visit.deps, { id, userId: visit.params["userId"] ?? "", by: visit.user.id });
  return redirect(`/clients/${id}`, removed.ok ? good(`Removed from the managers of ${name}.`) : bad(removed.message));
}
