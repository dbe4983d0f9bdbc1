import { existsSync } from "node:fs";
import path from "node:path";
import { controlClient } from "../core/control/controlClient";
import { controlSocketPath, requirePrivateFolder } from "../core/control/controlSocket";
import { faultLine } from "../core/config/fault";
import type { LoadedConfig } from "../core/config/loadConfig";
import type { CommandResult, ControlDeps } from "../core/control/types";
import type { ConfigSnapshot } from "../core/domain/configSnapshot";
import type { Environment } from "../core/environment";
import { StartRefused } from "../core/errors/startError";
import { StoreRefused } from "../core/errors/storeErrors";

/** How long the data folder may be busy: a server that starts or stops, another command. */
const PATIENCE_MS = 15_000;
const RETRY_MS = 50;
const UNEXPLAINED = 3;

/**
 * Runs a command in the server of the data folder; where none runs, on the store itself, opened for this one command. A store on
 * PostgreSQL may have other nodes meanwhile: they hear of what was changed as they hear of each other.
 */
export async function runCommand(environment: Environment, name: string, input: unknown): Promise<CommandResult> {
  const until = Date.now() + PATIENCE_MS;
  for (let unexplained = 0; ; ) {
    const client = await findServer(environment);
    if (client) return client.run(name, input);
    try {
      return await runHere(environment, name, input);
    } catch (error) {
      if (!(error instanceof StoreRefused)) throw error;
      // Refused, and nobody has it: whoever had it has just left, or it is refused for another reason.
      if (!existsSync(path.join(environment.dataFolder, "lock"))) unexplained++;
      if (unexplained === UNEXPLAINED || Date.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** The server of this data folder, if one runs. */
export async function findServer(environment: Environment) {
  const socketPath = controlSocketPath(environment.dataFolder);
  if (!existsSync(socketPath)) return undefined;
  requirePrivateFolder(socketPath, environment.dataFolder);
  const client = controlClient(socketPath);
  return (await client.isListening()) ? client : undefined;
}

/** What only this way needs is loaded only here, so that commands to a server start quickly. */
async function runHere(environment: Environment, name: string, input: unknown): Promise<CommandResult> {
  const [{ openStore }, { openKeyMaterial }, { openPasswordHashes }, { createCommands }, { systemClock }, { parseCandidate }] = await Promise.all([
    import("../core/openStore.js"),
    import("../core/adapters/keys/openKeyMaterial.js"),
    import("../core/adapters/passwords/openPasswordHashes.js"),
    import("../core/control/commandTable.js"),
    import("../core/clock.js"),
    import("../core/config/parseCandidate.js"),
  ]);
  const loaded = await readConfig(environment);
  const keys = await openKeyMaterial(environment);
  const passwords = openPasswordHashes();
  try {
    const snapshot = loaded.snapshot ?? (await lastSnapshot(environment));
    const store = await openStore({ environment, snapshot, pepperId: keys.pepperId, onWarning: (message) => console.error(`warning: ${message}`) });
    try {
      const config = configOf(loaded);
      return await createCommands({ store, keys, passwords, config, clock: systemClock, parseCandidate: (text, file) => parseCandidate(text, file, { env: process.env, themesFolder: themesOf(environment) }) }).run(name, input);
    } finally {
      await store.close();
    }
  } finally {
    await passwords.close();
    await keys.close();
  }
}

/** Where the store is: an address of PostgreSQL, never to be shown, or empty for the embedded one. */
export async function configuredStoreUrl(environment: Environment): Promise<string> {
  const { storeUrl } = await import("../core/openStore.js");
  const snapshot = environment.storeUrl === undefined ? ((await readConfig(environment)).snapshot ?? (await lastSnapshot(environment))) : undefined;
  return storeUrl({ environment, snapshot });
}

const themesOf = ({ root }: Pick<Environment, "root">) => path.join(root, "themes");

/** A file that is broken or not there says nothing of where the store is: what was in force last does. */
async function lastSnapshot(environment: Environment): Promise<ConfigSnapshot | undefined> {
  const { lastGoodFile } = await import("../core/config/lastGood.js");
  return (await readConfig({ ...environment, configFile: lastGoodFile(environment.dataFolder) })).snapshot;
}

async function readConfig(environment: Pick<Environment, "configFile" | "root">): Promise<LoadedConfig> {
  const { loadConfig } = await import("../core/config/loadConfig.js");
  return loadConfig(environment.configFile, process.env, { themesFolder: themesOf(environment) });
}

/** A broken file stops only the commands that need to know what it says. */
function configOf({ snapshot, faults }: LoadedConfig): ControlDeps["config"] {
  return {
    get: () => {
      if (snapshot) return snapshot;
      throw new StartRefused(faults.filter(({ severity }) => severity === "error").map(faultLine));
    },
  };
}
