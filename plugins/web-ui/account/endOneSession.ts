import { endSession } from "../../../core/services/signIn/endSessions";
import { cookie, SESSION_COOKIE } from "../cookies";
import { isSecure } from "../origin";
import { good, NotFound, redirect, type MemberVisit, type Reply } from "../visit";

/** Signs one of one's own devices out. */
export async function endOneSession(visit: MemberVisit): Promise<Reply> {
  const { deps, user, session, params } = visit;
  const ended = await deps.store.sessions.get(params["id"] ?? "");
  if (ended?.userId !== user.id) throw new NotFound();
  await endSession(deps, ended.id);
  if (ended.id !== session.id) return redirect("/account", good("That device is signed out."));
  const gone = cookie(SESSION_COOKIE, "", { secure: isSecure(visit.req, visit.snapshot), maxAgeSeconds: 0 });
  return redirect("/sign-in", good("You are signed out."), { "set-cookie": [gone] });
}
