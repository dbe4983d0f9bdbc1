import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Fault } from "../config/fault";
import { projectRoot } from "../environment";
import type { LumenPlugin, PolicyDefinition } from "./definePlugin";
import type { HostFile, SystemFile } from "./hostFiles";

/** What the plugins bring, by the names that pipelines use. */
export interface LoadedPlugins {
  /** Absolute paths, by plugin, for the host to load the same modules. */
  readonly packages: ReadonlyMap<string, string>;
  /** Policies made with definePlugin. */
  readonly policies: ReadonlyMap<string, PolicyDefinition>;
  /** Policies of plugins written for the bare host. */
  readonly foreign: ReadonlySet<string>;
  /** The host's own. */
  readonly hostPolicies: ReadonlySet<string>;
}

/** The folder of the compiled code: `./plugins/x` is found there, and in the project root for plain JavaScript. */
const COMPILED = path.resolve(__dirname, "../..");

/**
 * Loads every plugin before the host does: the host logs one that fails and goes on without it, which must never happen to
 * a policy that guards something.
 */
export function loadPlugins(system: HostFile<SystemFile>): { loaded: LoadedPlugins; faults: Fault[] } {
  const faults: Fault[] = [];
  const packages = new Map<string, string>();
  const policies = new Map<string, PolicyDefinition>();
  const foreign = new Set<string>();
  const hostPolicies = new Set(hostPolicyNames());
  for (const [name, settings] of Object.entries(system.value?.plugins ?? {})) {
    const blame = (message: string) => faults.push(system.source.fault(["plugins", name], `plugin '${name}': ${message}`));
    const location = locate(settings?.package ?? `express-gateway-plugin-${name}`);
    const plugin = loadOne(location, blame);
    if (!plugin) continue;
    packages.set(name, location);
    for (const policy of plugin.policies) {
      if (policies.has(policy) || foreign.has(policy)) blame(`its policy '${policy}' is another plugin's too: rename one of them`);
      if (hostPolicies.has(policy)) blame(`its policy '${policy}' has the name of one of the host's own: call it 'my-${policy}'`);
    }
    const definitions = "definition" in plugin ? plugin.definition.policies : [];
    definitions.forEach((policy) => policies.set(policy.name, policy));
    plugin.policies.filter((policy) => !policies.has(policy)).forEach((policy) => foreign.add(policy));
  }
  return { loaded: { packages, policies, foreign, hostPolicies }, faults };
}

function locate(name: string): string {
  if (!name.startsWith(".")) return name;
  const candidates = [path.resolve(COMPILED, name), path.resolve(projectRoot(), name)];
  return candidates.find((candidate) => existsSync(candidate)) ?? path.resolve(COMPILED, name);
}

const load = createRequire(__filename);

function loadOne(location: string, blame: (message: string) => void): LumenPlugin | undefined {
  let plugin: Partial<LumenPlugin>;
  try {
    // The host requires its plugins: the same call here gives it the same module.
    plugin = (load(location) ?? {}) as Partial<LumenPlugin>;
  } catch (error) {
    blame(loadMessage(location, error as NodeJS.ErrnoException & { requireStack?: string[] }));
    return undefined;
  }
  const missing = (["version", "init", "schema", "policies"] as const).filter((part) => plugin[part] === undefined);
  if (plugin.policies !== undefined && !Array.isArray(plugin.policies)) missing.push("policies");
  if (missing.length > 0) {
    blame(`${location} does not export ${missing.join(", ")}: write 'export = definePlugin({ … })' in its index.ts`);
    return undefined;
  }
  return plugin as LumenPlugin;
}

function loadMessage(location: string, error: NodeJS.ErrnoException & { requireStack?: string[] }): string {
  const first = error.message.split("\n")[0] ?? "it cannot be loaded";
  if (error.code !== "MODULE_NOT_FOUND") return `it does not load: ${first}`;
  const from = error.requireStack?.[0];
  const inside = from !== undefined && (from.startsWith(location) || !first.includes(location));
  return inside && from !== __filename ? `${first}, imported by ${from}` : `${location} is not there: build it (npm run build), or mend its 'package' line`;
}

function hostPolicyNames(): string[] {
  const folder = path.join(path.dirname(require.resolve("express-gateway/package.json")), "lib/policies");
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
