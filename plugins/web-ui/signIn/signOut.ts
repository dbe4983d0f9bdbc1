import { endSession } from "../../../core/services/signIn/endSessions";
import { cookie, SESSION_COOKIE } from "../cookies";
import { isSecure } from "../origin";
import { good, redirect, type MemberVisit, type Reply } from "../visit";

export async function signOut(visit: MemberVisit): Promise<Reply> {
  await endSession(visit.deps, visit.session.id);
  const secure = isSecure(visit.req, visit.snapshot);
  return redirect("/sign-in", good("You are signed out."), { "set-cookie": [cookie(SESSION_COOKIE, "", { secure, maxAgeSeconds: 0 })] });
}
