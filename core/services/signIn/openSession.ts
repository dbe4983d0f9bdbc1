import type { Session, SignInMethod } from "../../domain/session";
import { SESSION_LONGEST_MS } from "../../domain/session";
import type { User } from "../../domain/owner";
import type { Store } from "../../stores/types";
import { audit, type AuditDeps } from "../audit";
import { changeRow } from "../changeRow";
import { newToken, tokenDigest } from "./token";

export interface SessionDeps extends AuditDeps {
  readonly store: Pick<Store, "sessions" | "users" | "auditLog">;
}

export interface NewSession {
  readonly user: User;
  readonly method: SignInMethod;
  readonly address?: string;
  readonly userAgent?: string;
  readonly mustChangePassword?: boolean;
}

const LONGEST_AGENT = 200;

/** Signs a person in with a token of its own: a token from before the sign-in is never carried over. */
export async function openSession(deps: SessionDeps, wanted: NewSession): Promise<{ readonly token: string; readonly session: Session }> {
  const token = newToken();
  const now = deps.clock();
  const session = await deps.store.sessions.put({
    id: tokenDigest(token),
    userId: wanted.user.id,
    method: wanted.method,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + SESSION_LONGEST_MS,
    csrfToken: newToken(),
    ...(wanted.address === undefined ? {} : { address: wanted.address }),
    ...(wanted.userAgent === undefined ? {} : { userAgent: wanted.userAgent.slice(0, LONGEST_AGENT) }),
    ...(wanted.mustChangePassword ? { mustChangePassword: true } : {}),
  });
  await changeRow<User>(deps.store.users, wanted.user.id, (user) => user && { ...user, lastSignInAt: now });
  await audit(deps, wanted.user.id, "session.open", wanted.user.id, { method: wanted.method, ...(wanted.address === undefined ? {} : { address: wanted.address }) });
  return { token, session };
}
