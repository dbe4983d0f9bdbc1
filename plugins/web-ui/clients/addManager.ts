import type { Client } from "../../../core/domain/owner";
import { addManager } from "../../../core/services/clients/addManager";
import { searchUsers } from "../../../core/services/clients/searchUsers";
import { good, page, part, redirect, type MemberVisit, type Reply } from "../visit";
import { clientOf } from "./clientOf";

const MOST_FOUND = 8;

interface ManagerForm {
  readonly clientId: string;
  readonly text: string;
  readonly error?: string;
  readonly people: readonly { readonly name: string; readonly email: string }[];
  readonly nobody: boolean;
}

async function formOf({ deps }: MemberVisit, client: Client, text: string, error?: string): Promise<ManagerForm> {
  const people = await searchUsers(deps, { text, limit: MOST_FOUND, without: client.managers });
  return {
    clientId: client.id, text, ...(error === undefined ? {} : { error }),
    people: people.map(({ name, email }) => ({ name, email })),
    nobody: text !== "" && people.length === 0,
  };
}

/** `GET /clients/:id/managers/new`: the search as a page; while somebody types in the dialog, what is found. */
export async function showAddManager(visit: MemberVisit): Promise<Reply> {
  const client = await clientOf(visit);
  const form = await formOf(visit, client, (visit.query.get("who") ?? "").trim());
  return visit.isSwap ? part("clients/people", form) : page("clients/add-manager", "Add a manager", { name: client.name, form });
}

/** `POST /clients/:id/managers`: the person that was chosen, or the address that was typed. */
export async function addManagerFromForm(visit: MemberVisit): Promise<Reply> {
  const client = await clientOf(visit);
  const typed = visit.form.text("who");
  const chosen = visit.form.text("chosen");
  const email = chosen || typed;
  const isName = email !== "" && !email.includes("@");
  const added = isName ? undefined : await addManager(visit.deps, { id: client.id, email, by: visit.user.id });
  if (added?.ok) return redirect(`/clients/${client.id}`, good(`${added.value.user.name} manages ${client.name} now.`));
  const form = await formOf(visit, client, typed, added?.message ?? "Choose one of the people found, or type a whole e-mail address.");
  return visit.isSwap ? part("clients/manager-form", form) : page("clients/add-manager", "Add a manager", { name: client.name, form }, { status: 422 });
}
