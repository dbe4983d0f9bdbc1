import { endAllSessions } from "../../../../core/services/signIn/endSessions";
import { askFirst } from "../../dialogs/askFirst";
import { questions } from "../../dialogs/questions";
import { good, redirect, type MemberVisit, type Reply } from "../../visit";
import { userOf } from "./userOf";

/** Ends every session of a person; of oneself, all but the one that asks. */
export async function signOutEverywhere(visit: MemberVisit): Promise<Reply> {
  const user = await userOf(visit);
  const question = askFirst(visit, questions.signOutUser(user.email), `/admin/users/${user.id}`);
  if (question) return question;
  const own = user.id === visit.user.id ? visit.session.id : undefined;
  const ended = await endAllSessions(visit.deps, user.id, visit.user.id, own);
  return redirect(`/admin/users/${user.id}`, good(`${ended} ${ended === 1 ? "session" : "sessions"} of ${user.email} ended.`));
}
