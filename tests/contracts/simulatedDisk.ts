import type { FilePort, OpenFile } from "../../core/stores/lowdb";
import path from "node:path";

/** One file: what was written, and what of it is on the platter. */
interface Inode {
  current: Buffer;
  synced: Buffer;
}

/** What of the unsynced is there after the power comes back; the synced always is. */
export type Survival = "nothing unsynced" | "torn tails" | "scattered tails" | "names without content" | "everything";
export const SURVIVALS: readonly Survival[] = [
  "nothing unsynced", "torn tails", "scattered tails", "names without content", "everything",
];

export interface Faults {
  /** The power is cut in the n-th operation that changes the disk: it fails, and all after it. */
  readonly cutAt?: number;
  /** The n-th write finds the disk full, after half of its bytes. */
  readonly fullAtWrite?: number;
  /** The n-th sync of a file fails; the ones after it pretend to work, as Linux does. */
  readonly failSyncAt?: number;
}

const missing = (file: string): Error => Object.assign(new Error(`ENOENT: ${file}`), { code: "ENOENT" });
const EMPTY = Buffer.alloc(0);

/** A disk in memory that forgets what was not synced, tears it, is full, or fails to sync: a table of faults at every point. */
export class SimulatedDisk implements FilePort {
  /** Operations so far that changed something. */
  operations = 0;
  writes = 0;
  syncs = 0;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();

  constructor(private readonly faults: Faults = {}) {}

  #step(): boolean {
    this.operations += 1;
    return this.faults.cutAt !== undefined && this.operations >= this.faults.cutAt;
  }

  #change(): void {
    if (this.#step()) throw new Error("the power was cut");
  }

  makeFolder(): Promise<void> {
    return Promise.resolve();
  }

  async open(file: string, mode: "create" | "append"): Promise<OpenFile> {
    this.#change();
    const inode = this.#names.get(file) ?? { current: EMPTY, synced: EMPTY };
    if (mode === "create") inode.current = EMPTY;
    this.#names.set(file, inode);
    const sync = async (): Promise<void> => {
      this.#change();
      this.syncs += 1;
      if (this.syncs === this.faults.failSyncAt) throw Object.assign(new Error("EIO: fsync"), { code: "EIO" });
      if (this.faults.failSyncAt === undefined || this.syncs < this.faults.failSyncAt) inode.synced = inode.current;
    };
    return {
      write: async (bytes) => {
        const cut = this.#step();
        this.writes += 1;
        const full = this.faults.fullAtWrite !== undefined && this.writes >= this.faults.fullAtWrite;
        inode.current = Buffer.concat([inode.current, full ? bytes.subarray(0, bytes.length / 2) : bytes]);
        if (cut) throw new Error("the power was cut");
        if (full) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      },
      datasync: sync,
      sync,
      truncate: async (size) => {
        this.#change();
        inode.current = inode.current.subarray(0, size);
      },
      close: async () => undefined,
    };
  }

  async *read(file: string, range: { readonly start?: number; readonly end?: number } = {}): AsyncGenerator<Buffer> {
    const inode = this.#names.get(file);
    if (!inode) throw missing(file);
    yield inode.current.subarray(range.start ?? 0, range.end);
  }

  async size(file: string): Promise<number | undefined> {
    return this.#names.get(file)?.current.length;
  }

  async list(folder: string): Promise<string[]> {
    return [...this.#names.keys()].filter((file) => path.dirname(file) === folder).map((file) => path.basename(file)).sort();
  }

  async rename(from: string, to: string): Promise<void> {
    this.#change();
    const inode = this.#names.get(from);
    if (!inode) throw missing(from);
    this.#names.delete(from);
    this.#names.set(to, inode);
  }

  async remove(file: string): Promise<void> {
    this.#change();
    this.#names.delete(file);
  }

  async syncFolder(folder: string): Promise<void> {
    this.#change();
    const inside = (file: string) => path.dirname(file) === folder;
    for (const file of [...this.#durableNames.keys()].filter(inside)) if (!this.#names.has(file)) this.#durableNames.delete(file);
    for (const [file, inode] of this.#names) if (inside(file)) this.#durableNames.set(file, inode);
  }

  /** The disk as it is found when the power is back; `everything`: only the process died. */
  afterwards(survival: Survival, faults: Faults = {}): SimulatedDisk {
    const found = new SimulatedDisk(faults);
    const keepsNames = survival === "everything" || survival === "names without content";
    for (const [file, inode] of keepsNames ? this.#names : this.#durableNames) {
      const content = surviving(inode, survival);
      const copy: Inode = { current: content, synced: content };
      found.#names.set(file, copy);
      found.#durableNames.set(file, copy);
    }
    return found;
  }
}

function surviving({ current, synced }: Inode, survival: Survival): Buffer {
  if (survival === "everything") return current;
  const grown = current.length > synced.length && current.subarray(0, synced.length).equals(synced);
  if (!grown || survival === "nothing unsynced" || survival === "names without content") return synced;
  const tail = current.subarray(synced.length);
  const half = tail.length >>> 1;
  if (survival === "torn tails") return Buffer.concat([synced, tail.subarray(0, half)]);
  // The later page reached the disk, the earlier one did not.
  return Buffer.concat([synced, Buffer.alloc(half), tail.subarray(half)]);
}
