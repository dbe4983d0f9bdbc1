import { createClient } from "../../../core/services/createClient";
import { good, page, part, redirect, type MemberVisit, type Reply } from "../visit";

/** `GET /clients/new`: the form as a page, for browsers without script. */
export function showNewClient(): Reply {
  return page("clients/new", "New client", { form: { name: "" } });
}

/** `POST /clients`: makes it and goes there; a name that cannot be (P5) comes back with the reason. */
export async function createClientFromForm(visit: MemberVisit): Promise<Reply> {
  const name = visit.form.text("name");
  const made = await createClient(visit.deps, { name, by: visit.user.id });
  if (made.ok) return redirect(`/clients/${made.value.id}`, good(`The client ${name} was made. Next: its managers and its keys.`));
  const form = { name, error: made.message };
  return visit.isSwap ? part("clients/new-form", form) : page("clients/new", "New client", { form }, { status: 422 });
}
