import { ownPath } from "../origin";
import { page, redirect, type Reply, type Visit } from "../visit";

/** The ways to sign in that are set up. */
export function showSignIn(visit: Visit): Reply {
  const next = ownPath(visit.query.get("next"));
  if (visit.user) return redirect(next);
  return page("sign-in/show", "Sign in", { next, hasProvider: visit.snapshot.sections.oauth2 !== undefined });
}
