import type { IncomingMessage } from "node:http";

/** The session's token; HttpOnly, so that no script reads it. */
export const SESSION_COOKIE = "lumen_session";
/** A sign-in that is under way at the identity provider. */
export const PENDING_COOKIE = "lumen_pending";
/** A message for the next page. */
export const TOAST_COOKIE = "lumen_toast";
/** Ties the sign-in form to the browser that got it, before there is a session. */
export const VISITOR_COOKIE = "lumen_visitor";

export function readCookie(req: IncomingMessage, name: string): string | undefined {
  for (const pair of (req.headers.cookie ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    try {
      return decodeURIComponent(pair.slice(at + 1).trim());
    } catch {
      return undefined;
    }
  }
  return undefined;
}

export interface CookieOptions {
  /** The page came by HTTPS. */
  readonly secure: boolean;
  /** Undefined: until the browser closes; 0: now. */
  readonly maxAgeSeconds?: number;
}

export function cookie(name: string, value: string, { secure, maxAgeSeconds }: CookieOptions): string {
  const age = maxAgeSeconds === undefined ? "" : `; Max-Age=${maxAgeSeconds}`;
  return `${name}=${encodeURIComponent(value)}; Path=/; HttpOnly; SameSite=Lax${age}${secure ? "; Secure" : ""}`;
}
