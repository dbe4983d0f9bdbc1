import { audit } from "../../../../core/services/audit";
import { makeSignInLink } from "../../../../core/services/signIn/signInLink";
import { baseUrlOf } from "../../origin";
import { bad, page, redirect, type MemberVisit, type Reply } from "../../visit";
import { userOf } from "./userOf";

/** A link that signs a person in, once, within a day; shown on this answer alone. */
export async function makeLink(visit: MemberVisit): Promise<Reply> {
  const user = await userOf(visit);
  if (!user.active) return redirect(`/admin/users/${user.id}`, bad(`${user.email} is deactivated. Activate the account first.`));
  const token = await makeSignInLink(visit.deps, user);
  await audit(visit.deps, visit.user.id, "user.link", user.id);
  return page("admin/user-link", "Sign-in link", { user, link: `${baseUrlOf(visit.req, visit.snapshot)}/sign-in/link/${token}` });
}
