import type { User } from "../domain/owner";
import type { Store } from "../stores/types";
import { allRows } from "./allRows";
import { audit, type AuditDeps } from "./audit";
import { changeRow } from "./changeRow";
import { done, refused, type Outcome } from "./outcome";

export interface SetUserActiveDeps extends AuditDeps {
  readonly store: Pick<Store, "users" | "sessions" | "signInLinks" | "auditLog">;
}

export interface ActivityChange {
  readonly userId: string;
  readonly active: boolean;
  readonly by: string;
  /** For the audit log; at most 500 characters. */
  readonly reason?: string;
}

const LONGEST_REASON = 500;

/**
 * Lets a person in or keeps them out. Deactivated: their sessions and sign-in links are gone, their keys answer 403, and running
 * calls end (docs/rules.md K4). What they own stays. Nobody shuts themselves out.
 */
export async function setUserActive(deps: SetUserActiveDeps, { userId, active, by, reason }: ActivityChange): Promise<Outcome<User>> {
  if (!active && userId === by) return refused("You cannot deactivate yourself. Another administrator can.");
  if (reason !== undefined && reason.length > LONGEST_REASON) return refused(`A reason has at most ${LONGEST_REASON} characters.`, "reason");
  let isChanged = false;
  const user = await changeRow<User>(deps.store.users, userId, (row) => {
    isChanged = row !== undefined && row.active !== active;
    return row && isChanged ? { ...row, active } : undefined;
  });
  if (!user) return refused("There is no such user.");
  if (!active) await endWaysIn(deps, userId);
  if (isChanged) await audit(deps, by, active ? "user.activate" : "user.deactivate", userId, { email: user.email, ...(reason === undefined ? {} : { reason }) });
  return done(user);
}

async function endWaysIn({ store }: SetUserActiveDeps, userId: string): Promise<void> {
  for (const records of [store.sessions, store.signInLinks]) {
    const ids: string[] = [];
    for await (const { id } of allRows<{ readonly id: string }>(records, { index: "userId", value: userId })) ids.push(id);
    for (const id of ids) await records.delete(id);
  }
}
