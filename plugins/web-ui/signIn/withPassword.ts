import { signInByPassword } from "../../../core/services/signIn/signInByPassword";
import { waitingLine } from "../../../core/services/signIn/signInThrottle";
import { ownPath } from "../origin";
import { redirect, type Reply, type Visit } from "../visit";
import { signInPage } from "./signInPage";
import { startSession } from "./startSession";

const WRONG = "This e-mail address and password do not belong together. Check both and try again.";
const INACTIVE = "This account is deactivated. Ask an administrator.";

/** A local account signs in; the page comes back with the address where it did not work. */
export async function withPassword(visit: Visit): Promise<Reply> {
  const { form } = visit;
  const next = ownPath(form.raw("next"));
  const email = form.text("email").slice(0, 254);
  const answer = await signInByPassword(visit.deps, { email, password: form.raw("password"), address: visit.address });
  if (answer.kind === "right") return redirect(next, undefined, await startSession(visit, answer.user, "password", answer.mustChange));
  if (answer.kind === "wait") {
    return signInPage(visit, { next, email, fault: waitingLine(answer.wait), status: 429, headers: { "retry-after": String(answer.wait.seconds) } });
  }
  return signInPage(visit, { next, email, fault: answer.kind === "inactive" ? INACTIVE : WRONG, status: answer.kind === "inactive" ? 403 : 422 });
}
