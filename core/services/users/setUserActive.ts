import type { User } from "../../domain/owner";
import type { Store } from "../../stores/types";
import { audit, type AuditDeps } from "../audit";
import { changeRow } from "../changeRow";
import { done, refused, type Outcome } from "../outcome";
import { endAllSessions } from "../signIn/endSessions";

export interface SetUserActiveDeps extends AuditDeps {
  readonly store: Pick<Store, "users" | "sessions" | "auditLog">;
}

export interface UserActivation {
  readonly id: string;
  readonly active: boolean;
  readonly reason: string;
  /** A user's id, or `cli`. */
  readonly by: string;
}

const LONGEST_REASON = 500;

/**
 * Lets a person in or keeps them out. Out: their sessions end, calls of their keys are refused and running ones end (docs/rules.md
 * K4); nothing is lost. Nobody shuts themselves out.
 */
export async function setUserActive(deps: SetUserActiveDeps, { id, active, by, ...asked }: UserActivation): Promise<Outcome<User>> {
  const reason = asked.reason.trim();
  if (reason === "" || reason.length > LONGEST_REASON) return refused(`A reason is needed, of at most ${LONGEST_REASON} characters.`, "reason");
  if (!active && id === by) return refused("You cannot deactivate yourself. Another administrator can.");
  let changed = false;
  const user = await changeRow<User>(deps.store.users, id, (row) => {
    changed = row !== undefined && row.active !== active;
    return changed && row ? { ...row, active } : undefined;
  });
  if (!user) return refused("There is no such user.");
  if (changed) await audit(deps, by, active ? "user.activate" : "user.deactivate", id, { reason });
  if (!active) await endAllSessions(deps, id, by);
  return done(user);
}
