import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { isAnothersAlive, ownFile } from "./processFiles";

const EXTENSION = ".node";
/** Another machine's processes cannot be seen from here, should it share the folder. */
const HERE = `.${hostname()}${EXTENSION}`;

/** Which nodes the processes of this machine are, by files in a folder: one that starts again knows which node died with the process before it. */
export class NodeFiles {
  /** Those of this very process; a process before it may have had its number. */
  static readonly #living = new Set<string>();

  constructor(private readonly folder: string) {}

  async enter(nodeId: string): Promise<void> {
    NodeFiles.#living.add(nodeId);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFile(path.join(this.folder, this.nameOf(nodeId)), "", { mode: 0o600 });
  }

  async leave(nodeId: string): Promise<void> {
    NodeFiles.#living.delete(nodeId);
    await rm(path.join(this.folder, this.nameOf(nodeId)), { force: true });
  }

  /** The ids of nodes whose process is no more. `forget` them once they are fenced. */
  async dead(): Promise<readonly { readonly nodeId: string; forget(): Promise<void> }[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => name.endsWith(HERE) && !isAnothersAlive(name)).map((name) => ({
      nodeId: name.slice(name.indexOf(".") + 1, -HERE.length),
      forget: () => rm(path.join(this.folder, name), { force: true }),
    })).filter(({ nodeId }) => !NodeFiles.#living.has(nodeId));
  }

  private nameOf(nodeId: string): string {
    return ownFile(`${nodeId}${HERE}`);
  }
}
