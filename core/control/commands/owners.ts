import type { Client, Owner, User } from "../../domain/owner";
import { createClient } from "../../services/createClient";
import { createUser } from "../../services/createUser";
import { listClients } from "../../services/listClients";
import { listUsers } from "../../services/listUsers";
import { done, refused, type Outcome } from "../../services/outcome";
import { makeSignInLink } from "../../services/signIn/signInLink";
import { audit } from "../../services/audit";
import { resolveOwner } from "../../services/resolveOwner";
import { optionalText, optionalTexts, ownerReference, text } from "../commandInput";
import { CLI_ACTOR, type Command, type CommandInput, type ControlDeps } from "../types";

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** Does the work for the owner that the input names, or says that there is none. */
export async function withOwner(
  deps: ControlDeps,
  input: CommandInput,
  work: (owner: Owner) => Promise<Outcome<unknown>>,
): Promise<Outcome<unknown>> {
  const owner = await resolveOwner(deps, ownerReference(input));
  return owner.ok ? work(owner.value) : owner;
}

function presentClient({ id, name, active, managers, createdAt }: Client) {
  return { id, name, active, managers: managers.length, createdAt: isoTime(createdAt) };
}

function presentUser({ id, email, name, active, createdAt }: User) {
  return { id, email, name, active, createdAt: isoTime(createdAt) };
}

export const createClientCommand: Command = async (deps, input) => {
  const made = await createClient(deps, { name: text(input, "name"), by: CLI_ACTOR });
  return made.ok ? done({ id: made.value.id, name: made.value.name }, made.warnings) : made;
};

export const listClientsCommand: Command = async (deps) => done((await listClients(deps)).map(presentClient));

/** P5: which of these names no client has; `config check` names the entries of the file that are skipped. */
export const unknownClientsCommand: Command = async (deps, input) => {
  const unknown: string[] = [];
  for (const name of optionalTexts(input, "names") ?? []) {
    if (!(await deps.store.clients.find("name", name))) unknown.push(name);
  }
  return done(unknown);
};

export const createUserCommand: Command = async (deps, input) => {
  const made = await createUser(deps, { email: text(input, "email"), name: optionalText(input, "name"), by: CLI_ACTOR });
  if (!made.ok) return made;
  const { id, email, name } = made.value;
  return done({ id, email, name }, made.warnings);
};

export const listUsersCommand: Command = async (deps) => done((await listUsers(deps)).map(presentUser));

/** A link that signs a person in once: for the first sign-in, and where every other way is lost. */
export const linkUserCommand: Command = async (deps, input) => {
  const found = await resolveOwner(deps, { user: text(input, "email") });
  if (!found.ok) return found;
  if (found.value.kind !== "user") return refused("Only people sign in.", "email");
  const token = await makeSignInLink(deps, found.value);
  await audit(deps, CLI_ACTOR, "user.link", found.value.id);
  return done({ email: found.value.email, path: `/sign-in/link/${token}` });
};
