import type { User } from "../../domain/owner";
import { isSessionOver, type Session } from "../../domain/session";
import { changeRow } from "../changeRow";
import type { SessionDeps } from "./openSession";
import { tokenDigest } from "./token";

export interface LiveSession {
  readonly session: Session;
  readonly user: User;
}

const TOUCH_EVERY_MS = 10 * 60_000;

/** Who holds this token? Undefined where nobody does, the session is over, or the person was deactivated. */
export async function findSession(deps: SessionDeps, token: string): Promise<LiveSession | undefined> {
  const session = await deps.store.sessions.get(tokenDigest(token));
  if (!session) return undefined;
  const now = deps.clock();
  const user = isSessionOver(session, now) ? undefined : await deps.store.users.get(session.userId);
  if (!user?.active) {
    await deps.store.sessions.delete(session.id);
    return undefined;
  }
  if (session.lastSeenAt + TOUCH_EVERY_MS <= now) {
    await changeRow<Session>(deps.store.sessions, session.id, (row) => row && { ...row, lastSeenAt: now });
  }
  return { session, user };
}
