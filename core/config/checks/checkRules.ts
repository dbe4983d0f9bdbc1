import { asList, asMap, asText, type ConfigTree, type TreePath } from "../configTree";

interface Test {
  readonly field: string;
  readonly kind: "equals" | "contains";
  readonly value: string;
  readonly path: TreePath;
}

/** Rules that say nothing, and groups whose rules can never match together (G1). */
export function checkRules(tree: ConfigTree): void {
  for (const [group, node] of Object.entries(asMap(tree.root["groups"]) ?? {})) {
    const tests: Test[] = [];
    asList(asMap(node)?.["rules"])?.forEach((rule, index) => {
      const path = ["groups", group, "rules", index];
      const test = asMap(rule) === undefined ? undefined : testOf(tree, path);
      if (test) tests.push(test);
    });
    for (const [index, test] of tests.entries()) {
      const clash = tests.slice(0, index).find((before) => excludes(before, test));
      if (!clash) continue;
      tree.error(tree.at(test.path), `The rules of the group "${group}" can never match together: this one and the one on line ${tree.at(clash.path).line}, both on "${test.field}". All rules must match; for "either" make two groups.`);
    }
  }
}

function testOf(tree: ConfigTree, path: TreePath): Test | undefined {
  const rule = asMap(tree.get(path));
  const kinds = (["equals", "contains"] as const).filter((key) => (rule?.[key] ?? null) !== null);
  const [kind] = kinds;
  if (kinds.length !== 1 || kind === undefined) {
    tree.error(tree.at(path), "A rule has a `field`, and either `equals` or `contains`.");
    return undefined;
  }
  const field = asText(rule?.["field"])?.trim();
  const value = asText(rule?.[kind]);
  return field && value ? { field, kind, value: value.toLowerCase(), path } : undefined;
}

/** Only `equals` excludes anything: it takes the one whole text, so another `equals`, or a `contains` that is no part of it, fails. */
function excludes(one: Test, other: Test): boolean {
  if (one.field !== other.field) return false;
  const [equal, test] = one.kind === "equals" ? [one, other] : [other, one];
  if (equal.kind !== "equals") return false;
  return test.kind === "equals" ? equal.value !== test.value : !equal.value.includes(test.value);
}
