import { endAllSessions } from "../../../core/services/signIn/endSessions";
import { cookie, SESSION_COOKIE } from "../cookies";
import { askFirst } from "../dialogs/askFirst";
import { questions } from "../dialogs/questions";
import { isSecure } from "../origin";
import { good, redirect, type MemberVisit, type Reply } from "../visit";

/** Signs a person out on every device, or with `others` on every one but this. */
export async function endEverywhere(visit: MemberVisit): Promise<Reply> {
  const { deps, user, session, form } = visit;
  if (form.text("others") !== "") {
    await endAllSessions(deps, user.id, user.id, session.id);
    return redirect("/account", good("All your other devices are signed out."));
  }
  const question = askFirst(visit, questions.signOutEverywhere(), "/account");
  if (question) return question;
  await endAllSessions(deps, user.id, user.id);
  const gone = cookie(SESSION_COOKIE, "", { secure: isSecure(visit.req, visit.snapshot), maxAgeSeconds: 0 });
  return redirect("/sign-in", good("You are signed out everywhere."), { "set-cookie": [gone] });
}
