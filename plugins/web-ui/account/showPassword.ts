import { ownPath } from "../origin";
import { NotFound, type MemberVisit, type Reply } from "../visit";
import { passwordPage } from "./passwordPage";

/** The form for a new password; who has none here finds nothing. */
export async function showPassword(visit: MemberVisit): Promise<Reply> {
  if (!(await visit.deps.store.credentials.get(visit.user.id))) throw new NotFound();
  return passwordPage(visit, { next: ownPath(visit.query.get("next")) });
}
