import type { PasswordHashes } from "../../adapters/passwords/types";
import type { User } from "../../domain/owner";
import { faultOfPassword, normalisePassword } from "../../domain/password";
import type { Store } from "../../stores/types";
import { audit } from "../audit";
import { done, refused, type Outcome } from "../outcome";
import { endAllSessions } from "./endSessions";
import type { SessionDeps } from "./openSession";

export interface PasswordDeps extends SessionDeps {
  readonly store: Pick<Store, "sessions" | "users" | "auditLog" | "credentials">;
  readonly passwords: PasswordHashes;
}

/** Gives a person a password that another one chose: they must choose their own at the next sign-in, and are signed out everywhere. */
export async function resetPassword(deps: PasswordDeps, user: User, password: string, by: string): Promise<Outcome<User>> {
  const fault = faultOfPassword(password);
  if (fault !== undefined) return refused(fault, "password");
  const passwordHash = await deps.passwords.hash(normalisePassword(password));
  await deps.store.credentials.put({ id: user.id, passwordHash, changedAt: deps.clock(), mustChange: true });
  await audit(deps, by, "user.reset_password", user.id);
  await endAllSessions(deps, user.id, by);
  return done(user);
}
