import type { Environment } from "../environment";
import type { Logger } from "../logger";
import { createCommands } from "./commandTable";
import { controlSocketPath, requirePrivateFolder } from "./controlSocket";
import { startControlServer, type ControlServer } from "./startControlServer";
import type { ControlDeps } from "./types";

export interface ServeControlOptions {
  readonly environment: Pick<Environment, "dataFolder">;
  readonly services: Pick<ControlDeps, "store" | "keys" | "passwords" | "clock" | "parseCandidate">;
  readonly config: ControlDeps["config"];
  readonly logger?: Logger;
}

/** Opens the way for the command line to work on what this process holds. */
export async function serveControl({ environment, services, config, logger }: ServeControlOptions): Promise<ControlServer> {
  const { store, keys, passwords, clock, parseCandidate } = services;
  const socketPath = controlSocketPath(environment.dataFolder);
  requirePrivateFolder(socketPath, environment.dataFolder);
  const onError = (error: unknown) => logger?.error({ cause: String(error) }, "a command failed");
  return startControlServer({ socketPath, commands: createCommands({ store, keys, passwords, clock, config, parseCandidate }), onError });
}
