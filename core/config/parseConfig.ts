import type { ConfigSnapshot } from "../domain/configSnapshot";
import { buildSnapshot } from "./build/buildSnapshot";
import { checkAccess } from "./checks/checkAccess";
import { checkApp } from "./checks/checkApp";
import { checkModels } from "./checks/checkModels";
import { checkOwners } from "./checks/checkOwners";
import { checkRules } from "./checks/checkRules";
import { ConfigTree } from "./configTree";
import type { Fault } from "./fault";
import { renameLegacyKeys } from "./legacyKeys";
import { addSchemaFaults } from "./schemaFaults";
import { configSchema } from "./schema/root";
import { readYamlTree } from "./yamlTree";

export interface ParseOptions {
  /** As it is to stand in faults and in the reasons of decisions. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The themes there are; without them any name is taken. */
  readonly themes?: readonly string[] | undefined;
  readonly loadedAt?: number;
}

export interface ParsedConfig {
  /** There unless a fault is an error. */
  readonly snapshot?: ConfigSnapshot;
  /** Every fault, in the order of the file. */
  readonly faults: readonly Fault[];
}

/** Reads a configuration whole: either it is valid, or every fault is told at once (docs/rules.md R1, R2). */
export function parseConfig(text: string, { file, env = {}, themes, loadedAt = Date.now() }: ParseOptions): ParsedConfig {
  const { tree: yaml, faults: readFaults } = readYamlTree(text, file, env);
  if (!yaml) return { faults: inOrder(readFaults) };
  const tree = new ConfigTree(yaml);
  renameLegacyKeys(tree);
  const read = configSchema.safeParse(tree.root);
  if (!read.success) addSchemaFaults(tree, read.error.issues);
  checkModels(tree);
  checkAccess(tree);
  checkOwners(tree);
  checkRules(tree);
  checkApp(tree, themes);
  const faults = inOrder([...readFaults, ...withoutEchoes(tree.faults, readFaults)]);
  if (!read.success || faults.some(({ severity }) => severity === "error")) return { faults };
  return { snapshot: buildSnapshot(tree, read.data, { file, text, loadedAt }), faults };
}

/** What could not be read at all is said once, not again as missing. */
function withoutEchoes(faults: readonly Fault[], before: readonly Fault[]): readonly Fault[] {
  const broken = new Set(before.map(({ at }) => `${at.line}:${at.column}`));
  return faults.filter(({ at }) => !broken.has(`${at.line}:${at.column}`));
}

function inOrder(faults: readonly Fault[]): readonly Fault[] {
  return [...faults].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
}
