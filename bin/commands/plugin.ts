import type { Command } from "commander";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { createPlugin } from "../createPlugin";
import { branch, environmentOf, leaf, print } from "../leaf";

export function addPluginCommands(program: Command): void {
  const plugin = branch(program, "plugin", "policies of your own");
  leaf(plugin, "new <name>", "make a plugin that builds and passes its tests, to build on", ["plugin new opening-hours"])
    .option("--into <folder>", "the folder of plugins (default: plugins/ of the project)")
    .action(async (name: string, { into }: { into?: string }, command: Command) => {
      const { root } = environmentOf();
      const target = into === undefined ? undefined : path.resolve(into);
      const files = await createPlugin({ name, root, taken: await hostPolicies(root), into: target });
      print(command, { name, files }, () => showNext(name, files));
    });
}

/** Of those that ship with the host, one file or folder each. */
async function hostPolicies(root: string): Promise<ReadonlySet<string>> {
  const folder = path.join(root, "node_modules/express-gateway/lib/policies");
  return new Set((await readdir(folder).catch(() => [])).map((entry) => path.parse(entry).name));
}

function showNext(name: string, files: readonly string[]): string {
  return [
    ...files,
    "",
    "Next, in system.config.yml, among the plugins:",
    `  ${name}:`,
    `    package: ./plugins/${name}`,
    "and in gateway.config.yml, in the list of policies and in a pipeline, behind model-access:",
    `  - ${name}`,
    `  - ${name}:`,
    "Then: npm run build. How policies are written: docs/writing-a-plugin.md",
  ].join("\n");
}
