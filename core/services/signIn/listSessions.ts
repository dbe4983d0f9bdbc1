import { deviceOf } from "../../domain/device";
import { isSessionOver, type SignInMethod } from "../../domain/session";
import type { Clock } from "../../clock";
import type { Store } from "../../stores/types";
import { allRows } from "../allRows";

/** One signed-in browser, as its owner sees it. */
export interface SessionLine {
  readonly id: string;
  readonly device: string;
  readonly address: string;
  readonly method: SignInMethod;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly isCurrent: boolean;
}

/** A person's live sessions: the one that asks first, then those seen last. */
export async function listSessions(
  deps: { readonly store: Pick<Store, "sessions">; readonly clock: Clock }, userId: string, currentId: string,
): Promise<readonly SessionLine[]> {
  const now = deps.clock();
  const lines: SessionLine[] = [];
  for await (const session of allRows(deps.store.sessions, { index: "userId", value: userId })) {
    if (isSessionOver(session, now)) continue;
    const { id, method, createdAt, lastSeenAt, address = "unknown", userAgent } = session;
    const isCurrent = id === currentId;
    lines.push({ id, device: deviceOf(userAgent), address, method, createdAt, lastSeenAt: isCurrent ? now : lastSeenAt, isCurrent });
  }
  return lines.sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.lastSeenAt - a.lastSeenAt);
}
