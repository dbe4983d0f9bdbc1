import { availableParallelism } from "node:os";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { StartRefused } from "../errors/startError";

/**
 * How many processes a node has (docs/adr/0016).
 * @param url of the store; empty for the embedded one
 * @throws StartRefused for more than one on the embedded store
 */
export function workerCount({ workers }: Pick<ConfigSnapshot["server"], "workers">, url: string): number {
  if (url === "" && workers !== 1) {
    throw new StartRefused(["server.workers: the embedded store is owned by one process. Set server.workers to 1, or store.url to a PostgreSQL, which any number of processes can share."]);
  }
  return workers === "auto" ? availableParallelism() : workers;
}
