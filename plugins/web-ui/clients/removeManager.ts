import { removeManager } from "../../../core/services/clients/removeManager";
import { askFirst } from "../dialogs/askFirst";
import { questions } from "../dialogs/questions";
import { bad, good, redirect, type MemberVisit, type Reply } from "../visit";
import { clientOf } from "./clientOf";

/** `POST /clients/:id/managers/:userId/remove` */
export async function removeManagerFromForm(visit: MemberVisit): Promise<Reply> {
  const { id, name } = await clientOf(visit);
  const userId = visit.params["userId"] ?? "";
  const person = await visit.deps.store.users.get(userId);
  const question = askFirst(visit, questions.removeManager(person?.name ?? "this person", name), `/clients/${id}`);
  if (question) return question;
  const removed = await removeManager(visit.deps, { id, userId, by: visit.user.id });
  return redirect(`/clients/${id}`, removed.ok ? good(`Removed from the managers of ${name}.`) : bad(removed.message));
}
