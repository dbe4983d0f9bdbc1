import { createWriteStream, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { projectRoot } from "../../core/environment";
import { prepareLumen, type LumenProcess } from "../../tests/support/lumenProcess";
import { startNodeArgs } from "../../tests/support/startNodeArgs";
import { startChild, type ChildServer } from "../childServer";
import type { Keys } from "./soakCalls";
import { CLIENTS, POOR_CLIENT, saveFile, soakConfig, soakPipelines, soakRevision } from "./soakConfig";
import type { FleetMember } from "./upstreamFleet";

/** The gateway of a soak: as shipped, in a folder and a process of its own. */
export interface SoakGateway {
  readonly server: ChildServer;
  /** Its folder, files and command line. */
  readonly lumen: LumenProcess;
  readonly keys: Keys;
}

export async function startSoakGateway(members: readonly FleetMember[], log?: string): Promise<SoakGateway> {
  const lumen = await prepareLumen({ config: soakConfig(members, 0), gatewayConfig: shippedPipelines() });
  try {
    const keyOf = async (client: string) => lumen.newKey(client);
    const good: string[] = [];
    for (const client of CLIENTS) good.push(await keyOf(client));
    const keys: Keys = { good, poor: await keyOf(POOR_CLIENT) };
    const server = await startChild({
      file: path.join(projectRoot(), "dist/server.js"), env: lumen.env, nodeArgs: [...startNodeArgs(), "--expose-gc"], detached: true,
      ...(log === undefined ? {} : { output: createWriteStream(log) }),
    });
    return { server, lumen, keys };
  } catch (error) {
    await lumen.remove();
    throw error;
  }
}

function shippedPipelines(): string {
  return readFileSync(path.join(projectRoot(), "gateway.config.yml"), "utf8");
}

export interface Reloads {
  count(): number;
  stop(): Promise<void>;
}

const RELOAD_MS = 10_000;

/** Saves another config.yaml each ten seconds, and every third time another gateway.config.yml as well. */
export function beginReloads({ lumen }: SoakGateway, members: readonly FleetMember[]): Reloads {
  const pipelines = shippedPipelines();
  const ending = new AbortController();
  let revision = 0;
  const run = async () => {
    for (;;) {
      await pause(RELOAD_MS, undefined, { signal: ending.signal });
      revision++;
      await saveFile(lumen.configFile, soakRevision(members, revision), revision);
      if (revision % 3 === 0) await saveFile(lumen.gatewayConfigFile, soakPipelines(pipelines, revision), revision);
    }
  };
  const done = run().catch((error: Error) => {
    if (error.name !== "AbortError") throw error;
  });
  done.catch(() => undefined);
  return {
    count: () => revision,
    stop() {
      ending.abort();
      return done;
    },
  };
}
