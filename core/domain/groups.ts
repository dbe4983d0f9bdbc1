import { matchesRules } from "./claims";
import type { ConfigSnapshot, OwnerSettings } from "./configSnapshot";
import type { Client, Owner, User } from "./owner";

/** The group that every owner is in, where the file has it (docs/rules.md G1). */
export const EVERYONES_GROUP = "default";

/** The sections of a snapshot that owners' settings come from. */
export type OwnerSections = Pick<ConfigSnapshot, "groups" | "users" | "clients" | "defaults">;

/** The user's own entry under `users`; addresses are compared in lower case (G3). */
export function userEntry(user: User, snapshot: OwnerSections): OwnerSettings | undefined {
  const email = user.email.toLowerCase();
  return email === "default" ? undefined : snapshot.users.byEmail.get(email);
}

/** The client's named entry under `clients`; an empty one is not kept there and means the default (P4). */
export function clientEntry(client: Client, snapshot: OwnerSections): OwnerSettings | undefined {
  return snapshot.clients.byName.get(client.name);
}

function listedGroups(owner: Owner, snapshot: OwnerSections): readonly string[] {
  if (owner.kind === "client") return (clientEntry(owner, snapshot) ?? snapshot.clients.default)?.groups ?? [];
  return [...(snapshot.users.default?.groups ?? []), ...(userEntry(owner, snapshot)?.groups ?? [])];
}

/**
 * The groups an owner is in, each once (G1): `default`; then those listed for it, in the order of the file; then, for a
 * user, those whose rules the stored claims match (G2). A listed name that is no group gives nothing and is left out.
 */
export function groupsOf(owner: Owner, snapshot: OwnerSections): readonly string[] {
  const names = new Set<string>([EVERYONES_GROUP, ...listedGroups(owner, snapshot)]);
  if (owner.kind === "user") {
    for (const group of snapshot.groups.values()) if (matchesRules(group.rules, owner.claims)) names.add(group.name);
  }
  return [...names].filter((name) => snapshot.groups.has(name));
}
