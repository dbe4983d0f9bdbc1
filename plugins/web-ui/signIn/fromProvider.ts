import { openPending } from "../../../core/services/signIn/pendingSignIn";
import { signInByClaims } from "../../../core/services/signIn/signInByClaims";
import { cookie, PENDING_COOKIE, readCookie } from "../cookies";
import { isSecure, ownPath } from "../origin";
import { NotFound, redirect, type Reply, type Visit } from "../visit";
import { refusedPage, type Refusal } from "./refusedPage";
import { startSession } from "./startSession";

/** A person comes back from the identity provider. Whatever does not fit is refused with a page that says what to do. */
export async function fromProvider(visit: Visit): Promise<Reply> {
  const { deps, snapshot, req } = visit;
  const provider = snapshot.sections.oauth2;
  if (!provider) throw new NotFound();
  const used = cookie(PENDING_COOKIE, "", { secure: isSecure(req, snapshot), maxAgeSeconds: 0 });
  const no = (reason: Refusal, next = "/", email?: string) => refusedPage(reason, { next, ...(email === undefined ? {} : { email }), cookies: [used] });
  const sealed = readCookie(req, PENDING_COOKIE);
  const pending = sealed === undefined ? undefined : await openPending(deps, snapshot, sealed);
  if (!pending) return no("invalid");
  const next = ownPath(pending.next);
  const answer = await deps.openId.finish(provider, pending.check, visit.query);
  if (!answer.ok) return no(answer.reason, next);
  const person = await signInByClaims(deps, snapshot, answer.claims);
  if (!person.ok) return no(person.reason, next, person.email);
  const { "set-cookie": cookies = [] } = await startSession(visit, person.user, "oidc");
  return redirect(next, undefined, { "set-cookie": [...cookies, used] });
}
