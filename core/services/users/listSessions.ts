import { isSessionOver, type Session } from "../../domain/session";
import type { Clock } from "../../clock";
import type { Store } from "../../stores/types";
import { allRows } from "../allRows";

/** Where a person is signed in now, the last used first. */
export async function listSessions(deps: { readonly store: Pick<Store, "sessions">; readonly clock: Clock }, userId: string): Promise<readonly Session[]> {
  const sessions: Session[] = [];
  for await (const session of allRows(deps.store.sessions, { index: "userId", value: userId })) {
    if (!isSessionOver(session, deps.clock())) sessions.push(session);
  }
  return sessions.sort((a, b) => b.lastSeenAt - a.lastSeenAt);
}
