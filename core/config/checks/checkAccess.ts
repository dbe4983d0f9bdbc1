import { eachAccessName, stricter } from "../accessLists";
import { asList, asMap, asText, type ConfigTree } from "../configTree";
import { didYouMean } from "../suggest";

/** The lists of names in `model_access` of every layer: names in two lists (A3), names of no model (A7). */
export function checkAccess(tree: ConfigTree): void {
  const models = asList(tree.root["models"])?.map((model) => asText(asMap(model)?.["name"])?.trim());
  const known = models === undefined || models.length === 0 ? undefined : new Set(models.filter((name) => name !== undefined));
  for (const layers of ["groups", "users", "clients"]) {
    for (const name of Object.keys(asMap(tree.root[layers]) ?? {})) {
      checkLayer(tree, [layers, name, "model_access"], known);
    }
  }
}

function checkLayer(tree: ConfigTree, path: readonly string[], known: ReadonlySet<string> | undefined): void {
  const access = asMap(tree.get(path));
  if (!access) return;
  const layer = path.slice(0, 2).join(".");
  const first = new Map<string, { word: string; said: string; line: number }>();
  for (const { name, word, key, path: at } of eachAccessName(tree, path)) {
    const before = first.get(name);
    const place = tree.at(at);
    if (before !== undefined && before.word !== word) {
      const kept = stricter(before.word, word);
      const what = name === "*" ? "everything else" : `"${name}"`;
      tree.warn(place, `${layer} says both ${before.said} (line ${before.line}) and ${key} of ${what}: ${kept}, the stricter, holds.`);
    }
    if (before === undefined) {
      first.set(name, { word, said: key, line: place.line });
      if (name !== "*" && known !== undefined && !known.has(name)) {
        tree.warn(place, `${layer} names the model "${name}", which is not there.${didYouMean(name, known)}`);
      }
    }
  }
}
