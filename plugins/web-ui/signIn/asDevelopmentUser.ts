import { developmentUser } from "../../../core/services/signIn/developmentUser";
import { ownPath } from "../origin";
import { NotFound, redirect, type Reply, type Visit } from "../visit";
import { developmentEmailOf, signInPage } from "./signInPage";
import { startSession } from "./startSession";

/** Signs the development user in, where this request may (`app.debug`, this machine, no proxy); everybody else finds nothing here. */
export async function asDevelopmentUser(visit: Visit): Promise<Reply> {
  const email = developmentEmailOf(visit);
  if (email === undefined) throw new NotFound();
  const next = ownPath(visit.form.raw("next"));
  const user = await developmentUser(visit.deps, email);
  if (!user) return signInPage(visit, { next, fault: "The development user is deactivated.", status: 403 });
  return redirect(next, undefined, await startSession(visit, user, "development"));
}
