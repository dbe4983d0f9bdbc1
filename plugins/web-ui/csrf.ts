import { CodedError } from "../../core/errors/codedError";
import { isSameToken } from "../../core/services/signIn/token";
import { readCookie, VISITOR_COOKIE } from "./cookies";
import { isSameOrigin } from "./origin";
import type { Visit } from "./visit";

export const CSRF_FIELD = "_csrf";
export const CSRF_HEADER = "x-csrf-token";

/** What must come back with a form: the session's own token, or before a sign-in the visitor's cookie. */
export function expectedToken(visit: Visit): string | undefined {
  return visit.session?.csrfToken ?? visitorToken(visit);
}

/** Only what we make ourselves: it stands in an attribute that holds JSON, and a neighbour's site may set a cookie of this name. */
export function visitorToken({ req }: Pick<Visit, "req">): string | undefined {
  const token = readCookie(req, VISITOR_COOKIE);
  return token !== undefined && /^[\w-]{32}$/.test(token) ? token : undefined;
}

/**
 * A request that changes something must come from a page of ours: by what the browser says of its origin, and by a token
 * that only our pages know.
 * @throws CodedError
 */
export function checkCsrf(visit: Visit): void {
  const sent = String(visit.req.headers[CSRF_HEADER] ?? "") || visit.form.raw(CSRF_FIELD);
  if (!isCsrfToken(visit, sent)) throw new CodedError("csrf_refused");
}

/** Whether a token that was sent is the visitor's own, in a request of a page of ours. */
export function isCsrfToken(visit: Visit, sent: string): boolean {
  const expected = expectedToken(visit);
  return isSameOrigin(visit.req) && expected !== undefined && isSameToken(sent, expected);
}
