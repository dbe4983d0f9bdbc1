import { allRows } from "../allRows";
import { audit } from "../audit";
import type { SessionDeps } from "./openSession";

/** Signs one browser out. */
export async function endSession(deps: SessionDeps, sessionId: string): Promise<void> {
  await deps.store.sessions.delete(sessionId);
}

/**
 * Signs a person out everywhere.
 * @param except a session that stays: the one that asks
 * @returns how many ended
 */
export async function endAllSessions(deps: SessionDeps, userId: string, by: string, except?: string): Promise<number> {
  const ids: string[] = [];
  for await (const { id } of allRows(deps.store.sessions, { index: "userId", value: userId })) if (id !== except) ids.push(id);
  for (const id of ids) await deps.store.sessions.delete(id);
  await audit(deps, by, "session.end_all", userId, { sessions: String(ids.length) });
  return ids.length;
}
