import { PENDING_SECONDS, sealPending } from "../../../core/services/signIn/pendingSignIn";
import { cookie, PENDING_COOKIE } from "../cookies";
import { baseUrlOf, isSecure, ownPath } from "../origin";
import { NotFound, redirect, type Reply, type Visit } from "../visit";
import { refusedPage } from "./refusedPage";

/** Sends a person to the identity provider; what their return must show stays in a cookie of this browser. */
export async function toProvider(visit: Visit): Promise<Reply> {
  const { deps, snapshot, req } = visit;
  const provider = snapshot.sections.oauth2;
  if (!provider) throw new NotFound();
  const next = ownPath(visit.query.get("next"));
  if (visit.user) return redirect(next);
  const begun = await deps.openId.begin(provider, provider.redirectUri ?? `${baseUrlOf(req, snapshot)}/callback`);
  if (!begun) return refusedPage("unavailable", { next });
  const sealed = sealPending(deps, snapshot, { check: begun.check, next });
  const kept = cookie(PENDING_COOKIE, sealed, { secure: isSecure(req, snapshot), maxAgeSeconds: PENDING_SECONDS });
  return redirect(begun.address, undefined, { "set-cookie": [kept] });
}
