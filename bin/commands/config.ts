import type { Command } from "commander";
import { existsSync } from "node:fs";
import path from "node:path";
import { faultLine, type Fault } from "../../core/config/fault";
import type { ConfigSnapshot } from "../../core/domain/configSnapshot";
import { storeUrl } from "../../core/openStore";
import { CliError } from "../cliError";
import { runCommand } from "../commandRunner";
import { counted } from "../output";
import { addConfigDiffCommand } from "./configDiff";
import { branch, environmentOf, leaf, print } from "../leaf";

interface CheckReport {
  readonly file: string;
  readonly faults: readonly Fault[];
  /** There is one when nothing is wrong. */
  readonly snapshot?: ConfigSnapshot;
  toJSON(): object;
}

export function addConfigCommands(program: Command): void {
  const config = branch(program, "config", "the configuration file");
  leaf(config, "check [file]", "read a configuration as the server would, and name every fault with its line", [
    "config check",
    "config check /etc/lumen/config.new.yaml --json",
  ])
    .action(async (file: string | undefined, _options: unknown, command: Command) => {
      const report = await check(file);
      print(command, report, showReport);
      if (!report.snapshot) throw new CliError("");
    });
  addConfigDiffCommand(config);
}

async function check(file: string | undefined): Promise<CheckReport> {
  const environment = environmentOf();
  const { loadConfig } = await import("../../core/config/loadConfig.js");
  const target = file === undefined ? environment.configFile : path.resolve(file);
  const loaded = await loadConfig(target, process.env, { themesFolder: path.join(environment.root, "themes") });
  const { snapshot } = loaded;
  const faults = [...loaded.faults, ...(snapshot && file === undefined ? await strayClients(snapshot) : [])];
  const listed = faults.map(({ severity, at, message }) => ({ severity, ...at, message }));
  return { file: target, faults, snapshot, toJSON: () => ({ file: target, valid: snapshot !== undefined, faults: listed }) };
}

/** P5: entries of clients that do not exist are skipped, and said so. Only where there is a store to ask. */
async function strayClients(snapshot: ConfigSnapshot): Promise<readonly Fault[]> {
  const environment = environmentOf();
  const entries = snapshot.clients.byName;
  const hasStore = storeUrl({ environment, snapshot }) !== "" || existsSync(path.join(environment.dataFolder, "journal"));
  if (entries.size === 0 || !hasStore) return [];
  const result = await runCommand(environment, "client.unknown", { names: [...entries.keys()] }).catch((error: Error) => {
    console.error(`warning: the clients were not compared with the store: ${error.message}`);
    return undefined;
  });
  const unknown = new Set(result?.ok ? (result.value as readonly string[]) : []);
  return [...entries.values()].filter(({ name }) => unknown.has(name)).map(({ name, at }) => ({
    severity: "warning",
    at,
    message: `clients.${name}: there is no such client, so this entry is skipped. Make it: lumen client create ${name}`,
  }));
}

function showReport({ file, faults, snapshot }: CheckReport): string {
  const lines = faults.map((fault) => faultLine(fault.severity === "error" ? fault : { ...fault, message: `warning: ${fault.message}` }));
  const warnings = faults.filter(({ severity }) => severity === "warning").length;
  if (!snapshot) return [...lines, `${file}: ${counted(faults.length - warnings, "error")}, ${counted(warnings, "warning")}`].join("\n");
  const { models, groups, clients, users } = snapshot;
  const counts = `${counted(models.size, "model")}, ${counted(groups.size, "group")}, by name ${counted(clients.byName.size, "client")} and ${counted(users.byEmail.size, "user")}`;
  return [...lines, `${file} is valid: ${counts}; ${counted(warnings, "warning")}`].join("\n");
}
