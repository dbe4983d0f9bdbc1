import { asList, asMap, asText, type ConfigTree, type TreePath } from "../configTree";
import type { TreeMap } from "../yamlTree";

/** What the schema cannot see of the models: it looks at one value at a time. */
export function checkModels(tree: ConfigTree): void {
  const models = asList(tree.root["models"]) ?? [];
  if (models.length === 0 && !("models" in tree.root && tree.root["models"] !== null && !asList(tree.root["models"]))) {
    tree.warn(tree.atKey(["models"]), "There are no models: nobody can use anything.");
  }
  const seen = new Map<string, number>();
  models.forEach((node, index) => {
    const model = asMap(node);
    const name = asText(model?.["name"])?.trim();
    if (!model || name === undefined) return;
    const first = seen.get(name);
    const path = ["models", index];
    if (first !== undefined) {
      tree.error(tree.at([...path, "name"]), `There are two models named "${name}": the first is on line ${tree.at(["models", first, "name"]).line}.`);
    } else seen.set(name, index);
    checkPrices(tree, model, name, path);
    checkActive(tree, model, name, path);
    checkEndpoints(tree, model, name, path);
  });
}

const TOKEN_RATES = ["input_cost_per_million", "output_cost_per_million"];
const OTHER_RATES = ["audio_cost_per_hour", "million_characters_cost", "image_cost", "request_cost"];

/** A missing rate is 0, said once for each model (M3); one that is priced by hours, characters, pictures or requests needs none for tokens. */
function checkPrices(tree: ConfigTree, model: TreeMap, name: string, path: TreePath): void {
  const isMissing = (key: string): boolean => (model[key] ?? null) === null;
  const missing = TOKEN_RATES.filter(isMissing);
  const isPricedOtherwise = missing.length === TOKEN_RATES.length && !OTHER_RATES.every(isMissing);
  if (missing.length > 0 && !isPricedOtherwise) {
    tree.warn(tree.at([...path, "name"]), `The model "${name}" has no ${missing.join(" and no ")}: 0 is taken.`);
  }
}

/** `active` and `disabled` say the same from two sides (A5); where they differ, the model is off. */
function checkActive(tree: ConfigTree, model: TreeMap, name: string, path: TreePath): void {
  const active = truth(model["active"]);
  const disabled = truth(model["disabled"]);
  if (active === undefined || disabled === undefined || active !== disabled) return;
  tree.warn(tree.at([...path, "active"]), `The model "${name}" is said to be active and disabled, or neither: it is taken as disabled.`);
}

function checkEndpoints(tree: ConfigTree, model: TreeMap, name: string, path: TreePath): void {
  const demoOff = truth(asMap(tree.root["demo"])?.["enabled"]) === false;
  const seen = new Map<string, number>();
  asList(model["endpoints"])?.forEach((node, index) => {
    const endpoint = asMap(node);
    const url = asText(endpoint?.["url"]);
    if (!endpoint || url === undefined) return;
    const place = tree.at([...path, "endpoints", index, "url"]);
    if (url === "demo:" && demoOff) tree.warn(place, `The model "${name}" is on the built-in model server, but demo.enabled is false.`);
    const identity = JSON.stringify([url.replace(/\/+$/, ""), asText(endpoint["api_key"]) ?? "", asText(endpoint["model"]) ?? name]);
    if (seen.has(identity)) {
      tree.warn(place, `The model "${name}" has the same endpoint twice: it counts once. Give it a \`weight\` for a larger share.`);
    }
    seen.set(identity, index);
  });
}

function truth(node: unknown): boolean | undefined {
  if (typeof node !== "string") return undefined;
  if (/^(true|yes|on)$/i.test(node)) return true;
  return /^(false|no|off)$/i.test(node) ? false : undefined;
}
