import type { SignInMethod } from "../../../core/domain/session";
import { listSessions } from "../../../core/services/signIn/listSessions";
import { questions } from "../dialogs/questions";
import { page, type MemberVisit, type Reply } from "../visit";

const METHODS: Readonly<Record<SignInMethod, string>> = {
  oidc: "your institution", password: "password", link: "sign-in link", development: "development user",
};

/** Who one is here, the password, and where one is signed in. */
export async function showAccount(visit: MemberVisit): Promise<Reply> {
  const { deps, user, session } = visit;
  const [sessions, credential] = await Promise.all([listSessions(deps, user.id, session.id), deps.store.credentials.get(user.id)]);
  return page("account/show", "Account", {
    name: user.name, email: user.email, role: visit.isAdmin ? "Administrator" : undefined,
    password: credential && { changedAt: credential.changedAt },
    sessions: sessions.map((line) => ({ ...line, method: METHODS[line.method] })),
    asksToEnd: questions.signOutEverywhere(),
    hasOthers: sessions.length > 1,
  });
}
