import { createUser } from "../../../../core/services/createUser";
import { good, page, redirect, type MemberVisit, type Reply } from "../../visit";

export function showNewUser(): Reply {
  return page("admin/user-new", "New user");
}

/** Makes a person known before their first sign-in, so that they have settings, coins and a link. */
export async function createNewUser(visit: MemberVisit): Promise<Reply> {
  const { deps, form, user } = visit;
  const [email, name] = [form.text("email"), form.text("name")];
  const made = await createUser(deps, { email, ...(name === "" ? {} : { name }), by: user.id });
  if (!made.ok) return page("admin/user-new", "New user", { email, name, error: made.message }, { status: 422 });
  return redirect(`/admin/users/${made.value.id}`, good(`${made.value.email} is known now.`));
}
