import type { ConfigSnapshot, GroupRule, GroupSettings, OwnerSettings, PoolFields } from "../../domain/configSnapshot";
import type { NanoCoins } from "../../domain/coins";
import type { Placed } from "../../domain/sourcePlace";
import { asMap, type ConfigTree, type TreePath } from "../configTree";
import type { ConfigFile } from "../schema/root";
import { buildAccess } from "./buildAccess";

interface ReadPool {
  readonly max?: NanoCoins | "unlimited" | undefined;
  readonly refresh?: NanoCoins | undefined;
  readonly starting?: NanoCoins | undefined;
}

/** The pool fields that a layer sets, with their places (P1, P2). */
export function buildPool(tree: ConfigTree, path: TreePath, { max, refresh, starting }: ReadPool): PoolFields {
  return {
    ...placed(tree, path, "max", max),
    ...placed(tree, path, "refresh", refresh),
    ...placed(tree, path, "starting", starting),
  };
}

function placed<K extends string, T>(tree: ConfigTree, path: TreePath, key: K, value: T | undefined): Partial<Record<K, Placed<T>>> {
  if (value === undefined) return {};
  return { [key]: { value, at: tree.at([...path, key]) } } as Record<K, Placed<T>>;
}

export function buildGroups(tree: ConfigTree, groups: ConfigFile["groups"]): ConfigSnapshot["groups"] {
  return new Map(
    Object.entries(groups).map(([name, group]): [string, GroupSettings] => {
      const path = ["groups", name];
      const rules = group.rules.map(({ field, equals, contains }): GroupRule => ({
        field: field.trim(),
        test: equals === undefined ? "contains" : "equals",
        value: equals ?? contains ?? "",
      }));
      return [name, {
        name, at: tree.atKey(path), pool: buildPool(tree, path, group), access: buildAccess(tree, [...path, "model_access"]), rules,
      }];
    }),
  );
}

/** Under `users`, addresses are compared in lower case (G3), and an entry that says nothing changes nothing. */
export function buildUsers(tree: ConfigTree, users: ConfigFile["users"]): ConfigSnapshot["users"] {
  const byEmail = new Map<string, OwnerSettings>();
  let byDefault: OwnerSettings | undefined;
  for (const [key, entry] of Object.entries(users)) {
    if (key === "default") byDefault = buildOwner(tree, ["users", key], key, entry);
    else byEmail.set(key.trim().toLowerCase(), buildOwner(tree, ["users", key], key.trim().toLowerCase(), entry));
  }
  return { byEmail, ...(byDefault ? { default: byDefault } : {}) };
}

/** With `app.debug`, the groups of `app.dev_user` are listed memberships of that address, as if its entry named them (G1). */
export function withDevUser(tree: ConfigTree, users: ConfigSnapshot["users"], { debug, dev_user: devUser }: ConfigFile["app"]): ConfigSnapshot["users"] {
  if (!debug || devUser === undefined || typeof devUser === "string" || devUser.groups.length === 0) return users;
  const name = devUser.email.trim().toLowerCase();
  const entry = users.byEmail.get(name) ?? { name, at: tree.atKey(["app", "dev_user"]), groups: [], pool: {} };
  const groups = [...new Set([...entry.groups, ...devUser.groups.map((group) => group.trim())])];
  return { ...users, byEmail: new Map([...users.byEmail, [name, { ...entry, groups }]]) };
}

/** Under `clients`, an empty entry means the default: it is left out (P4). */
export function buildClients(tree: ConfigTree, clients: ConfigFile["clients"]): ConfigSnapshot["clients"] {
  const byName = new Map<string, OwnerSettings>();
  let byDefault: OwnerSettings | undefined;
  for (const [name, entry] of Object.entries(clients)) {
    const owner = buildOwner(tree, ["clients", name], name, entry);
    if (name === "default") byDefault = owner;
    else if (!saysNothing(tree, ["clients", name])) byName.set(name, owner);
  }
  return { byName, ...(byDefault ? { default: byDefault } : {}) };
}

function saysNothing(tree: ConfigTree, path: TreePath): boolean {
  return Object.values(asMap(tree.get(path)) ?? {}).every((value) => value === null);
}

function buildOwner(tree: ConfigTree, path: TreePath, name: string, entry: ConfigFile["users"][string]): OwnerSettings {
  return {
    name,
    at: tree.atKey(path),
    groups: [...new Set(entry.groups.map((group) => group.trim()))],
    pool: buildPool(tree, path, entry),
    access: buildAccess(tree, [...path, "model_access"]),
  };
}
