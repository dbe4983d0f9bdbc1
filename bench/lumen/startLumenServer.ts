import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { projectRoot, readEnvironment, type Environment } from "../../core/environment";
import { startNodeArgs } from "../../tests/support/startNodeArgs";
import { startChild, type ChildServer } from "../childServer";
import { readBooks, seedBooks, type BooksAfter, type SeededKeys } from "./books";
import { lumenConfig } from "./lumenConfig";

/** Lumen as it is shipped, with its own two host files, a folder of its own and a store on the disk. */
export interface LumenServer extends ChildServer {
  readonly keys: SeededKeys;
  /** Stops the server, then reads and proves what it left. */
  stopAndReadBooks(): Promise<BooksAfter>;
  /** Removes its folder. */
  dispose(): void;
}

export interface LumenServerOptions {
  readonly upstreamUrl: string;
  readonly nodeArgs?: readonly string[];
  /** Default `warn`, as for every other server; `info` writes a line per request. */
  readonly logLevel?: string;
  /** A PostgreSQL; default: the embedded store. */
  readonly storeUrl?: string;
  readonly workers?: number;
}

export async function startLumenServer({ upstreamUrl, nodeArgs = [], logLevel = "warn", storeUrl, workers }: LumenServerOptions): Promise<LumenServer> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-lumen-"));
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", dispose);
  const env = { LUMEN_CONFIG: path.join(folder, "config.yaml"), LUMEN_DATA: path.join(folder, "data"), ...(storeUrl === undefined ? {} : { LUMEN_STORE_URL: storeUrl }) };
  writeFileSync(env.LUMEN_CONFIG, lumenConfig(upstreamUrl, workers));
  const environment: Environment = readEnvironment(env);
  const keys = await seedBooks(environment);
  const child = await startChild({
    file: path.join(projectRoot(), "dist", "server.js"),
    env: { ...env, PORT: "0", HOST: "127.0.0.1", LUMEN_LOG_LEVEL: logLevel },
    nodeArgs: [...startNodeArgs(), ...nodeArgs],
  });
  return {
    ...child,
    keys,
    dispose,
    async stopAndReadBooks() {
      await child.stop();
      return readBooks(environment);
    },
  };
}
