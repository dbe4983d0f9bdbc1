/** How a person signed in. */
export type SignInMethod = "oidc" | "password" | "link" | "development";

/** One signed-in browser. The token is the browser's alone; what is kept of it is its digest. */
export interface Session {
  /** SHA-256 of the token in the cookie, hex. */
  readonly id: string;
  readonly userId: string;
  readonly method: SignInMethod;
  readonly createdAt: number;
  /** Epoch ms, coarse: written at most once in ten minutes. */
  readonly lastSeenAt: number;
  /** After this it is over, however busy. */
  readonly expiresAt: number;
  /** Must come back with every request that changes something. */
  readonly csrfToken: string;
  readonly address?: string;
  readonly userAgent?: string;
  /** Signed in with a password that somebody else chose: nothing but choosing an own one is open. */
  readonly mustChangePassword?: boolean;
}

/** The password of a local account. */
export interface Credential {
  /** The user's id. */
  readonly id: string;
  /** Argon2id. */
  readonly passwordHash: string;
  readonly changedAt: number;
  /** Given by an administrator: the person must choose their own. */
  readonly mustChange: boolean;
}

/** A link that signs one person in, once. */
export interface SignInLink {
  /** SHA-256 of the token in the link, hex. */
  readonly id: string;
  readonly userId: string;
  readonly expiresAt: number;
}

/** A session ends after this time without a request. */
export const SESSION_IDLE_MS = 7 * 24 * 3_600_000;
/** And after this time in any case. */
export const SESSION_LONGEST_MS = 30 * 24 * 3_600_000;

export function isSessionOver(session: Session, now: number): boolean {
  return session.expiresAt <= now || session.lastSeenAt + SESSION_IDLE_MS <= now;
}
