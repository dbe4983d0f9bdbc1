import { existsSync } from "node:fs";
import path from "node:path";
import { controlClient } from "../core/control/controlClient";
import { controlSocketPath, requirePrivateFolder } from "../core/control/controlSocket";
import type { CommandResult, ControlDeps } from "../core/control/types";
import type { Environment } from "../core/environment";
import { StartRefused } from "../core/errors/startError";
import { StoreRefused } from "../core/errors/storeErrors";

/** How long the data folder may be busy: a server that starts or stops, another command. */
const PATIENCE_MS = 15_000;
const RETRY_MS = 50;
const UNEXPLAINED = 3;

/**
 * Runs a command in the server that holds the data folder; where none runs, on the store itself, opened for this one
 * command.
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
  const [{ openLowdbStore }, { openKeyMaterial }, { openPasswordHashes }, { createCommands }, { systemClock }, { parseCandidate }] = await Promise.all([
    import("../core/stores/lowdb/index.js"),
    import("../core/adapters/keys/openKeyMaterial.js"),
    import("../core/adapters/passwords/openPasswordHashes.js"),
    import("../core/control/commandTable.js"),
    import("../core/clock.js"),
    import("../core/config/parseCandidate.js"),
  ]);
  const config = await readConfig(environment);
  const store = await openLowdbStore({ folder: environment.dataFolder, onWarning: (message) => console.error(`warning: ${message}`) });
  try {
    const keys = await openKeyMaterial(environment);
    const passwords = openPasswordHashes();
    try {
      return await createCommands({ store, keys, passwords, config, clock: systemClock, parseCandidate: (text, file) => parseCandidate(text, file, { env: process.env, themesFolder: themesOf(environment) }) }).run(name, input);
    } finally {
      await passwords.close();
      await keys.close();
    }
  } finally {
    await store.close();
  }
}

const themesOf = ({ root }: Environment) => path.join(root, "themes");

/** A broken file stops only the commands that need to know what it says. */
async function readConfig(environment: Environment): Promise<ControlDeps["config"]> {
  const { loadConfig } = await import("../core/config/loadConfig.js");
  const { faultLine } = await import("../core/config/fault.js");
  const { snapshot, faults } = await loadConfig(environment.configFile, process.env, { themesFolder: themesOf(environment) });
  return {
    get: () => {
      if (snapshot) return snapshot;
      throw new StartRefused(faults.filter(({ severity }) => severity === "error").map(faultLine));
    },
  };
}
