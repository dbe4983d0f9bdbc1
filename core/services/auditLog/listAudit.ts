import type { AuditEvent, AuditFilter, Page, Store } from "../../stores/types";
import { ownerLabel, type Owner } from "../../domain/owner";
import { findOwner } from "../findOwner";

export interface AuditListDeps {
  readonly store: Pick<Store, "auditLog" | "users" | "clients" | "keys">;
}

/** What a person asks of the log, in their own words. */
export interface AuditQuestion {
  /** An e-mail address, `cli`, `system`, or an id. */
  readonly actor?: string;
  /** An e-mail address, a client's name, or an id. */
  readonly subject?: string;
  readonly action?: string;
  readonly since?: number;
  readonly until?: number;
  readonly cursor?: string;
  readonly limit?: number;
}

/** Somebody or something that the log speaks of: with a name where there still is one. */
export interface AuditParty {
  readonly id: string;
  readonly label: string;
  readonly kind: "user" | "client" | "key" | "machine" | "unknown";
  /** Of a key: its owner. */
  readonly owner?: { readonly id: string; readonly kind: "user" | "client" };
}

/** One event with names in place of ids. */
export interface AuditRow {
  readonly id: string;
  readonly at: number;
  readonly actor: AuditParty;
  readonly action: string;
  readonly subject: AuditParty;
  /** Where the actor sat; undefined for the command line and the system. */
  readonly address?: string;
  readonly details: Readonly<Record<string, string>>;
}

const MACHINES: ReadonlySet<string> = new Set(["cli", "system"]);

/** Who did what to whom, newest first, with names instead of ids. A name that nobody has finds nothing. */
export async function listAudit(deps: AuditListDeps, question: AuditQuestion): Promise<Page<AuditRow>> {
  const { actor, subject, ...rest } = question;
  const filter: AuditFilter = {
    ...rest,
    ...(actor === undefined ? {} : { actor: await idOf(deps, actor) }),
    ...(subject === undefined ? {} : { subject: await idOf(deps, subject) }),
  };
  const page = await deps.store.auditLog.list({ ...filter, limit: question.limit ?? 50, ...(question.cursor === undefined ? {} : { cursor: question.cursor }) });
  const parties = new Map<string, AuditParty>();
  const party = async (id: string): Promise<AuditParty> => {
    const known = parties.get(id) ?? (await partyOf(deps, id));
    parties.set(id, known);
    return known;
  };
  const rows: AuditRow[] = [];
  for (const event of page.rows) rows.push(await rowOf(event, party));
  return { rows, ...(page.next === undefined ? {} : { next: page.next }) };
}

async function rowOf(event: AuditEvent, party: (id: string) => Promise<AuditParty>): Promise<AuditRow> {
  const { address, ...details } = event.details ?? {};
  const { id, at, action } = event;
  return { id, at, action, actor: await party(event.actor), subject: await party(event.subject), ...(address === undefined ? {} : { address }), details };
}

/** Names are unique over users; a client may be called like a key's id, and then the client is meant. */
async function idOf({ store }: AuditListDeps, name: string): Promise<string> {
  if (MACHINES.has(name)) return name;
  const found = name.includes("@") ? await store.users.find("email", name.toLowerCase()) : await store.clients.find("name", name);
  return found?.id ?? name;
}

async function partyOf(deps: AuditListDeps, id: string): Promise<AuditParty> {
  if (MACHINES.has(id)) return { id, label: id === "cli" ? "command line" : "system", kind: "machine" };
  const owner = await findOwner(deps, id);
  if (owner) return { id, label: ownerLabel(owner), kind: owner.kind };
  const key = await deps.store.keys.get(id);
  const holder: Owner | undefined = key && (await findOwner(deps, key.ownerId));
  if (key) return { id, label: key.name, kind: "key", ...(holder ? { owner: { id: holder.id, kind: holder.kind } } : {}) };
  return { id, label: id, kind: "unknown" };
}
