import type { AccessWord } from "../domain/accessPolicy";
import { asList, asMap, asText, type ConfigTree, type TreePath } from "./configTree";

/** Every key and word of access, in the words of both versions of the file (A5). */
const WORDS: Readonly<Record<string, AccessWord>> = {
  whitelist: "whitelist", blacklist: "blacklist", graylist: "graylist",
  allowed: "whitelist", blocked: "blacklist", needs_ack: "graylist",
};

const STRICTNESS: readonly string[] = ["whitelist", "graylist", "blacklist"];

/** Of two words about one model in one layer, the one that holds (A3). */
export function stricter<T extends string>(one: T, other: T): T {
  return STRICTNESS.indexOf(one) >= STRICTNESS.indexOf(other) ? one : other;
}

export interface AccessName {
  /** The model, or `*` for the default. */
  readonly name: string;
  readonly word: AccessWord;
  /** As the file calls it: `allowed`. */
  readonly key: string;
  readonly path: TreePath;
}

/** Everything that a `model_access` says: first its default as `*`, then its lists, in which `*` is the default too (A5). */
export function* eachAccessName(tree: ConfigTree, path: TreePath): Generator<AccessName> {
  const access = asMap(tree.get(path));
  if (!access) return;
  const said = asText(access["default"])?.trim() ?? "";
  const byDefault = Object.hasOwn(WORDS, said) ? WORDS[said] : undefined;
  if (byDefault !== undefined) yield { name: "*", word: byDefault, key: said, path: [...path, "default"] };
  for (const [key, word] of Object.entries(WORDS)) {
    for (const [index, node] of (asList(access[key]) ?? []).entries()) {
      const name = asText(node)?.trim();
      if (name !== undefined) yield { name, word, key, path: [...path, key, index] };
    }
  }
}
