import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { User } from "../../domain/owner";
import { createUser } from "../createUser";
import type { Store } from "../../stores/types";
import type { AuditDeps } from "../audit";
import { makeSignInLink } from "./signInLink";

export interface FirstAdminDeps extends AuditDeps {
  readonly store: Pick<Store, "users" | "signInLinks" | "auditLog">;
}

/** The address of the account that is made where the file names no administrator. */
export const FALLBACK_ADMIN = "admin@localhost";

/**
 * At a start without any user: makes the first administrator and a link that signs them in.
 * @returns the link's token, or undefined where somebody is there already
 */
export async function firstAdmin(deps: FirstAdminDeps, snapshot: ConfigSnapshot): Promise<{ readonly email: string; readonly token: string } | undefined> {
  const anybody = await deps.store.users.list({ limit: 1 });
  const [only] = anybody.rows;
  // Made by an earlier start, and not used yet.
  const waiting = only && (await isWaiting(deps, only)) ? only : undefined;
  if (only && !waiting) return undefined;
  const [email = FALLBACK_ADMIN] = snapshot.admins;
  const made = waiting ? undefined : await createUser(deps, { email, by: "system" });
  const user = waiting ?? (made?.ok ? made.value : undefined);
  return user && { email: user.email, token: await makeSignInLink(deps, user) };
}

/** Nobody but this person is there, and their link is still unused. */
async function isWaiting(deps: FirstAdminDeps, user: User): Promise<boolean> {
  const [users, links] = await Promise.all([deps.store.users.list({ limit: 2 }), deps.store.signInLinks.list({ index: "userId", value: user.id, limit: 1 })]);
  return users.rows.length === 1 && links.rows.length === 1;
}

/** Is this person an administrator? Asked on every request, so that a change of the file holds at once. */
export function isAdmin(user: User, snapshot: ConfigSnapshot): boolean {
  return snapshot.admins.has(user.email) || (snapshot.admins.size === 0 && user.email === FALLBACK_ADMIN);
}
