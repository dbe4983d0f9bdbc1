import type { z } from "zod";
import type { ConfigTree, TreePath } from "./configTree";
import { configSchema } from "./schema/root";
import { knownKeys } from "./schema/section";
import { didYouMean } from "./suggest";

type Issue = z.core.$ZodIssue;

const EXPECTED: Readonly<Record<string, string>> = {
  object: "a map of keys", record: "a map of names", array: "a list", string: "a single value",
};

/** What the schema found wrong, each at its line, with what to write instead. */
export function addSchemaFaults(tree: ConfigTree, issues: readonly Issue[], base: TreePath = []): void {
  for (const issue of issues) {
    const path = [...base, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
    if (issue.code === "unrecognized_keys") addUnknownKeys(tree, path, issue.keys);
    else if (issue.code === "invalid_union") addSchemaFaults(tree, branchOf(issue, tree, path), path);
    else tree.error(tree.at(path), messageOf(tree, path, issue));
  }
}

function addUnknownKeys(tree: ConfigTree, path: TreePath, keys: readonly string[]): void {
  const known = knownKeys(configSchema, path);
  for (const key of keys) {
    const where = path.length === 0 ? "" : ` under ${pathText(path)}`;
    tree.error(tree.atKey([...path, key]), `There is no key "${key}"${where}.${didYouMean(key, known)}`);
  }
}

/** Of the branches that could have been meant: the one for this kind of value, else the first. */
function branchOf(issue: Extract<Issue, { code: "invalid_union" }>, tree: ConfigTree, path: TreePath): readonly Issue[] {
  const scalar = typeof tree.get(path) === "string";
  const fits = issue.errors.filter((branch) => !branch.some(({ code, path: inner }) => code === "invalid_type" && inner.length === 0));
  const branches = fits.length > 0 ? fits : issue.errors;
  return (scalar ? branches.at(-1) : branches[0]) ?? [];
}

function messageOf(tree: ConfigTree, path: TreePath, issue: Issue): string {
  if (issue.code !== "invalid_type") return issue.message.replace(/^This(?= must)/, pathText(path)) + quoted(tree, path);
  const key = path.at(-1);
  if (issue.input === undefined && tree.get(path) === null && typeof key === "string") {
    return `${pathText(path)} is missing.`;
  }
  return `${pathText(path)} must be ${EXPECTED[issue.expected] ?? issue.expected}, but is ${kindOf(tree, path)}.`;
}

/** The value as it stands in the file, without what variables put in; never of what may be secret. */
function quoted(tree: ConfigTree, path: TreePath): string {
  const source = tree.sourceAt(path);
  const mayBeSecret = path.some((step) => /key|secret|token|url|headers/.test(String(step)));
  if (source === undefined || mayBeSecret || source.length > 80) return "";
  return ` (It is ${JSON.stringify(source)}.)`;
}

function kindOf(tree: ConfigTree, path: TreePath): string {
  const node = tree.get(path);
  if (node === null) return "empty";
  if (typeof node === "string") return "a single value";
  return Array.isArray(node) ? "a list" : "a map of keys";
}

/** `models[0].endpoints[1].url` */
export function pathText(path: TreePath): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}
