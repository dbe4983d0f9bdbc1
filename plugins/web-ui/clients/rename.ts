import { renameClient, renameWarnings } from "../../../core/services/clients/renameClient";
import { good, page, part, redirect, type MemberVisit, type Reply } from "../visit";
import { clientOf } from "./clientOf";

/** `GET /clients/:id/rename`: the form as a page, for browsers without script. */
export async function showRename(visit: MemberVisit): Promise<Reply> {
  const { id, name } = await clientOf(visit);
  return page("clients/rename", `Rename ${name}`, { name, form: { clientId: id, name } });
}

/** `POST /clients/:id/rename`: P5; where the file knows the old or the new name, the client's page says what follows from it. */
export async function renameFromForm(visit: MemberVisit): Promise<Reply> {
  const client = await clientOf(visit);
  const name = visit.form.text("name");
  const renamed = await renameClient(visit.deps, visit.snapshot, { id: client.id, name, by: visit.user.id });
  if (renamed.ok) {
    const note = renameWarnings(visit.snapshot, client.name, name).length > 0 ? `?renamed=${encodeURIComponent(client.name)}` : "";
    return redirect(`/clients/${client.id}${note}`, good(`${client.name} is now ${name}.`));
  }
  const form = { clientId: client.id, name, error: renamed.message };
  return visit.isSwap ? part("clients/rename-form", form) : page("clients/rename", `Rename ${client.name}`, { name: client.name, form }, { status: 422 });
}
