import type { User } from "../../../core/domain/owner";
import { SESSION_LONGEST_MS, type SignInMethod } from "../../../core/domain/session";
import { endSession } from "../../../core/services/signIn/endSessions";
import { openSession } from "../../../core/services/signIn/openSession";
import { cookie, SESSION_COOKIE, VISITOR_COOKIE } from "../cookies";
import { isSecure } from "../origin";
import type { Visit } from "../visit";

/** Signs a person in with a fresh session; the one that this browser had before ends. @returns the headers that say so */
export async function startSession(visit: Visit, user: User, method: SignInMethod, mustChangePassword = false): Promise<Record<string, string[]>> {
  const { deps, req, snapshot } = visit;
  if (visit.session) await endSession(deps, visit.session.id);
  const { token } = await openSession(deps, { user, method, address: visit.address, userAgent: req.headers["user-agent"], mustChangePassword });
  const secure = isSecure(req, snapshot);
  return {
    "set-cookie": [
      cookie(SESSION_COOKIE, token, { secure, maxAgeSeconds: SESSION_LONGEST_MS / 1_000 }),
      cookie(VISITOR_COOKIE, "", { secure, maxAgeSeconds: 0 }),
    ],
  };
}
