import { changePassword } from "../../../core/services/signIn/changePassword";
import { ownPath } from "../origin";
import { startSession } from "../signIn/startSession";
import { good, redirect, type MemberVisit, type Reply } from "../visit";
import { passwordPage } from "./passwordPage";

/** A new password: this browser gets a fresh session, every other one is signed out. */
export async function changeOwnPassword(visit: MemberVisit): Promise<Reply> {
  const { deps, form, session, user } = visit;
  const next = ownPath(form.raw("next"));
  const changed = await changePassword(deps, { session, old: form.raw("old"), wanted: form.raw("wanted"), again: form.raw("again") });
  if (!changed.ok) return passwordPage(visit, { next, fault: changed.message, ...(changed.field === undefined ? {} : { field: changed.field }) });
  const { ended } = changed.value;
  const others = ended === 0 ? "" : ` ${ended === 1 ? "One other device was" : `${ended} other devices were`} signed out.`;
  return redirect(next === "/" ? "/account" : next, good(`Your password is changed.${others}`), await startSession(visit, user, session.method));
}
