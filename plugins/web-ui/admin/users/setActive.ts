import { setUserActive } from "../../../../core/services/setUserActive";
import { askFirst } from "../../dialogs/askFirst";
import { questions } from "../../dialogs/questions";
import { good, redirect, type MemberVisit, type Reply } from "../../visit";
import { userPage } from "./showUser";
import { userOf } from "./userOf";

/** Lets a person in again, or keeps them out and ends their sessions. */
export async function setActive(visit: MemberVisit): Promise<Reply> {
  const user = await userOf(visit);
  const active = visit.form.text("active") === "1";
  const reason = visit.form.text("reason");
  if (reason === "") return userPage(visit, user, { form: "active", message: "A reason is needed." });
  const question = active ? undefined : askFirst(visit, questions.deactivateUser(user.email), `/admin/users/${user.id}`);
  if (question) return question;
  const set = await setUserActive(visit.deps, { userId: user.id, active, reason, by: visit.user.id });
  if (!set.ok) return userPage(visit, user, { form: "active", message: set.message, reason });
  return redirect(`/admin/users/${user.id}`, good(active ? `${user.email} may sign in again.` : `${user.email} is deactivated and signed out everywhere.`));
}
