import { faultOfPassword, normalisePassword } from "../../domain/password";
import type { Credential, Session } from "../../domain/session";
import { audit } from "../audit";
import { changeRow } from "../changeRow";
import { done, refused, type Outcome } from "../outcome";
import { endAllSessions } from "./endSessions";
import type { PasswordDeps } from "./resetPassword";
import { waitingLine, type SignInThrottle } from "./signInThrottle";

export interface ChangePasswordDeps extends PasswordDeps {
  readonly signInThrottle: SignInThrottle;
}

export interface PasswordChange {
  /** Whose password, and the browser that stays signed in. */
  readonly session: Session;
  readonly old: string;
  readonly wanted: string;
  readonly again: string;
}

/** A person's own change. It needs the old password, and ends every other session. @returns how many ended */
export async function changePassword(deps: ChangePasswordDeps, { session, old, wanted, again }: PasswordChange): Promise<Outcome<{ readonly ended: number }>> {
  const { userId } = session;
  const credential = await deps.store.credentials.get(userId);
  if (!credential) return refused("This account has no password here.", "old");
  const fault = faultOfPassword(wanted) ?? (wanted === old ? "The new password is the old one. Choose another." : undefined);
  if (fault !== undefined) return refused(fault, "wanted");
  if (wanted !== again) return refused("The two new passwords are not the same.", "again");
  const wait = await deps.signInThrottle.take(`session ${userId}`, userId);
  if (wait) return refused(waitingLine(wait), "old");
  if (!(await deps.passwords.matches(credential.passwordHash, normalisePassword(old)))) return refused("This is not your password.", "old");
  await deps.signInThrottle.forget(`session ${userId}`, userId);
  const passwordHash = await deps.passwords.hash(normalisePassword(wanted));
  const now = deps.clock();
  const proved = credential.passwordHash;
  const stored = await changeRow<Credential>(deps.store.credentials, userId, (row) => {
    // Reset or changed elsewhere meanwhile: then what was proved is the old one no more.
    return row?.passwordHash === proved ? { id: userId, passwordHash, changedAt: now, mustChange: false } : undefined;
  });
  if (stored?.passwordHash !== passwordHash) return refused("The password was changed elsewhere meanwhile. Sign in again.", "old");
  await audit(deps, userId, "user.change_password", userId);
  return done({ ended: await endAllSessions(deps, userId, userId, session.id) });
}
