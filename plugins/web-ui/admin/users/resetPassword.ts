import { randomBytes } from "node:crypto";
import { resetPassword } from "../../../../core/services/signIn/resetPassword";
import { askFirst } from "../../dialogs/askFirst";
import { questions } from "../../dialogs/questions";
import { bad, page, redirect, type MemberVisit, type Reply } from "../../visit";
import { userOf } from "./userOf";

/** Gives a person a password made here, shown on this answer alone; they must choose their own when they sign in. */
export async function resetUserPassword(visit: MemberVisit): Promise<Reply> {
  const user = await userOf(visit);
  if (user.id === visit.user.id) return redirect(`/admin/users/${user.id}`, bad("Change your own password on your account page."));
  const question = askFirst(visit, questions.resetPassword(user.email), `/admin/users/${user.id}`);
  if (question) return question;
  const password = randomBytes(15).toString("base64url");
  const reset = await resetPassword(visit.deps, user, password, visit.user.id);
  if (!reset.ok) return redirect(`/admin/users/${user.id}`, bad(reset.message));
  return page("admin/user-password", "Password reset", { user, password });
}
