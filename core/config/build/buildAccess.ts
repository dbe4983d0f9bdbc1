import type { AccessRules, AccessWord } from "../../domain/accessPolicy";
import type { Placed } from "../../domain/sourcePlace";
import { eachAccessName, stricter } from "../accessLists";
import { asMap, type ConfigTree, type TreePath } from "../configTree";

/** One layer's `model_access`, each word with the place that said it (A6); the stricter of two words holds (A3). */
export function buildAccess(tree: ConfigTree, path: TreePath): AccessRules | undefined {
  if (!asMap(tree.get(path))) return undefined;
  const models = new Map<string, Placed<AccessWord>>();
  for (const { name, word, path: at } of eachAccessName(tree, path)) {
    const before = models.get(name);
    if (before === undefined || stricter(before.value, word) !== before.value) models.set(name, { value: word, at: tree.at(at) });
  }
  const byDefault = models.get("*");
  models.delete("*");
  return { models, ...(byDefault ? { default: byDefault } : {}) };
}
