import { asList, asMap, asText, type ConfigTree, type TreePath } from "../configTree";
import { EMAIL } from "../schema/texts";
import { didYouMean } from "../suggest";

/** Names of clients (P5). */
export const CLIENT_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Names under `users` and `clients`, and the groups that are listed anywhere (G1, G3, P5). */
export function checkOwners(tree: ConfigTree): void {
  checkClientNames(tree);
  checkUserNames(tree);
  const listed = new Set<string>();
  for (const layers of ["users", "clients"]) {
    for (const name of Object.keys(asMap(tree.root[layers]) ?? {})) checkGroupList(tree, [layers, name, "groups"], listed);
  }
  checkGroupList(tree, ["app", "dev_user", "groups"], listed);
  for (const [name, node] of Object.entries(asMap(tree.root["groups"]) ?? {})) {
    const rules = asList(asMap(node)?.["rules"]) ?? [];
    if (rules.length === 0 && name !== "default" && !listed.has(name)) {
      tree.warn(tree.atKey(["groups", name]), `Nobody is in the group "${name}": it has no rules, and no entry lists it.`);
    }
  }
}

function checkClientNames(tree: ConfigTree): void {
  for (const name of Object.keys(asMap(tree.root["clients"]) ?? {})) {
    if (CLIENT_NAME.test(name)) continue;
    tree.error(tree.atKey(["clients", name]),
      `"${name}" is no name of a client: 1 to 64 of a-z, 0-9, ".", "_" and "-", beginning with a letter or digit.${lowered(name)}`);
  }
}

function lowered(name: string): string {
  return CLIENT_NAME.test(name.toLowerCase()) ? ` Did you mean "${name.toLowerCase()}"?` : "";
}

function checkUserNames(tree: ConfigTree): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(asMap(tree.root["users"]) ?? {})) {
    const at = tree.atKey(["users", name]);
    if (name === "default") continue;
    if (!EMAIL.test(name.trim())) {
      tree.error(at, `"${name}" is no e-mail address: entries under users are addresses, and "default".${didYouMean(name, ["default"])}`);
      continue;
    }
    const email = name.trim().toLowerCase();
    const first = seen.get(email);
    if (first === undefined) seen.set(email, name);
    else tree.error(at, `The user ${email} is here twice: first on line ${tree.atKey(["users", first]).line}.`);
  }
}

function checkGroupList(tree: ConfigTree, path: TreePath, listed: Set<string>): void {
  const known = Object.keys(asMap(tree.root["groups"]) ?? {});
  asList(tree.get(path))?.forEach((node, index) => {
    const name = asText(node)?.trim();
    if (name === undefined) return;
    listed.add(name);
    if (known.includes(name)) return;
    tree.error(tree.at([...path, index]), `There is no group "${name}".${didYouMean(name, known) || " Add it under `groups`."}`);
  });
}
