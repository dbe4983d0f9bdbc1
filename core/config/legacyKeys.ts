import { formatCoins, parseCoins } from "../domain/coins";
import { asList, asMap, asText, type ConfigTree } from "./configTree";
import type { TreeMap } from "./yamlTree";

/** Keys that older files hold and that have no use here, with what to know about them. */
const USELESS: readonly (readonly [path: readonly string[], note: string])[] = [
  [["app", "encryption_key"], "keys are hashed with the pepper, which is a file beside the data folder or LUMEN_PEPPER."],
  [["app", "database"], "where records are kept is said under `store.url`."],
  [["app", "config_editor"], "the file is edited as a file."],
  [["chat", "remove"], "what becomes of conversations is said under `retention`."],
  [["rate_limiting", "storage_url"], "the store counts for all nodes."],
  [["api", "prometheus", "multiproc_dir"], "processes share their counts by themselves."],
];

/** Brings keys of older files to their names of today, each with a warning, before the schema looks at them. */
export function renameLegacyKeys(tree: ConfigTree): void {
  for (const [path, note] of USELESS) dropUseless(tree, path, note);
  renameProjects(tree);
  moveDefaultNotice(tree);
  const users = asMap(tree.root["users"]);
  for (const name of Object.keys(users ?? {})) flattenUser(tree, users as TreeMap, name);
  asList(tree.root["models"])?.forEach((model, index) => renameModelKeys(tree, asMap(model), ["models", index]));
}

function dropUseless(tree: ConfigTree, path: readonly string[], note: string): void {
  const parent = asMap(tree.get(path.slice(0, -1)));
  const key = path.at(-1) ?? "";
  if (!parent || !(key in parent)) return;
  tree.warn(tree.atKey(path), `${path.join(".")} has no use here and can go: ${note}`);
  delete parent[key];
}

function renameProjects(tree: ConfigTree): void {
  const { root } = tree;
  if (!("projects" in root)) return;
  const at = tree.atKey(["projects"]);
  if (root["clients"] !== undefined && root["clients"] !== null) {
    tree.error(at, "`projects` is the old name of `clients`, which is here too: put all of them under `clients`.");
    delete root["projects"];
    return;
  }
  tree.warn(at, "`projects` is called `clients` now.");
  tree.move(root, "projects", root, "clients");
}

function moveDefaultNotice(tree: ConfigTree): void {
  const app = asMap(tree.root["app"]);
  if (!app || !("graylist_default_notice" in app)) return;
  tree.warn(tree.atKey(["app", "graylist_default_notice"]), "app.graylist_default_notice is called defaults.models.ack_message now.");
  const defaults = tree.mapUnder(tree.root, "defaults");
  const models = defaults && tree.mapUnder(defaults, "models");
  if (models && (models["ack_message"] ?? null) === null) tree.move(app, "graylist_default_notice", models, "ack_message");
  else delete app["graylist_default_notice"];
}

/** `pool: {max, refresh, starting}` and `models: […]` of an entry under `users`. */
function flattenUser(tree: ConfigTree, users: TreeMap, name: string): void {
  const user = asMap(users[name]);
  if (!user) return;
  const pool = asMap(user["pool"]);
  if (pool) {
    tree.warn(tree.atKey(["users", name, "pool"]), "`pool` of a user: its keys stand in the entry itself now.");
    for (const key of Object.keys(pool)) if (!(key in user)) tree.move(pool, key, user, key);
    delete user["pool"];
  }
  if (asList(user["models"])) {
    tree.warn(tree.atKey(["users", name, "models"]), "`models` of a user is called `model_access.whitelist` now.");
    const access = tree.mapUnder(user, "model_access");
    if (access && !("whitelist" in access)) tree.move(user, "models", access, "whitelist");
    delete user["models"];
  }
}

function renameModelKeys(tree: ConfigTree, model: TreeMap | undefined, path: readonly (string | number)[]): void {
  if (!model) return;
  if ("audio_cost_per_minute" in model) {
    tree.warn(tree.atKey([...path, "audio_cost_per_minute"]), "audio_cost_per_minute is called audio_cost_per_hour now, and is 60 times as much.");
    const perMinute = asText(model["audio_cost_per_minute"]);
    const amount = perMinute === undefined ? undefined : parseCoins(perMinute);
    const perHour = amount === undefined ? (perMinute ?? null) : formatCoins(amount * 60n);
    if (!("audio_cost_per_hour" in model)) tree.move(model, "audio_cost_per_minute", model, "audio_cost_per_hour", perHour);
    delete model["audio_cost_per_minute"];
  }
  if ("supports_vision" in model) {
    tree.warn(tree.atKey([...path, "supports_vision"]), "supports_vision is `input_modalities: [text, image]` now.");
    const sees = /^(true|yes|on)$/i.test(asText(model["supports_vision"]) ?? "");
    if (sees && !("input_modalities" in model)) tree.move(model, "supports_vision", model, "input_modalities", ["text", "image"]);
    delete model["supports_vision"];
  }
}
