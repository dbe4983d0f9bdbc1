import { ownPath } from "../origin";
import { redirect, type Reply, type Visit } from "../visit";
import { signInPage } from "./signInPage";

/** The ways to sign in that are set up. */
export async function showSignIn(visit: Visit): Promise<Reply> {
  const next = ownPath(visit.query.get("next"));
  return visit.user ? redirect(next) : signInPage(visit, { next });
}
