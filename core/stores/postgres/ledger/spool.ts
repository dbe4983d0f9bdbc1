import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { encode } from "../../shared/codec";
import type { Settlement } from "../../types";
import { read } from "./loadBooks";
import { isAnothersAlive, ownFile } from "./processFiles";

const EXTENSION = ".settlements";
const OWNER_ONLY = 0o600;

/**
 * Settlements of calls that ended while the server was away, one JSON line each, on this machine's disk until they are booked. A file
 * belongs to a process, whose number is in its name; one that a process before left behind is taken over.
 */
export class Spool {
  #file: FileHandle | undefined;
  #tail: Promise<void> = Promise.resolve();
  #bytes = 0;
  #asides = 0;

  private constructor(private readonly name: string, private readonly left: string[]) {}

  static async open(folder: string, id: string): Promise<Spool> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const left: string[] = [];
    for (const name of await readdir(folder)) {
      if (!name.endsWith(EXTENSION) || isAnothersAlive(name)) continue;
      const mine = path.join(folder, ownFile(`${id}.${left.length + 1}${EXTENSION}`));
      await rename(path.join(folder, name), mine);
      left.push(mine);
    }
    return new Spool(path.join(folder, ownFile(`${id}.0${EXTENSION}`)), left);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves when it would survive a power cut. */
  append(settlement: Settlement): Promise<void> {
    const done = this.#tail.then(async () => {
      this.#file ??= await open(this.name, "a", OWNER_ONLY);
      const line = `${encode(settlement)}\n`;
      await this.#file.appendFile(line);
      await this.#file.datasync();
      this.#bytes += line.length;
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }

  /**
   * Gives back what was kept, and forgets a file once `book` has resolved for all of it. What is appended meanwhile is kept for the next time.
   * @returns how many
   */
  async replay(book: (settlements: readonly Settlement[]) => Promise<void>): Promise<number> {
    await this.#setAside();
    let count = 0;
    for (let name = this.left[0]; name !== undefined; name = this.left[0]) {
      count += await replayFile(name, book);
      this.left.shift();
    }
    return count;
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#file?.close();
  }

  /** What comes from now on goes into another file. */
  #setAside(): Promise<void> {
    const step = this.#tail.then(async () => {
      if (!this.#file) return;
      await this.#file.close();
      this.#file = undefined;
      this.#bytes = 0;
      const aside = `${this.name.slice(0, -EXTENSION.length)}.${(this.#asides += 1)}${EXTENSION}`;
      await rename(this.name, aside);
      this.left.push(aside);
    });
    this.#tail = step.catch(() => undefined);
    return step;
  }
}

async function replayFile(name: string, book: (settlements: readonly Settlement[]) => Promise<void>): Promise<number> {
  const text = await readFile(name, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n").filter((line) => line !== "");
  const settlements = lines.flatMap((line, at) => {
    try {
      return [read<Settlement>(line)];
    } catch (cause) {
      // A torn last line was never acknowledged.
      if (at === lines.length - 1 && !text.endsWith("\n")) return [];
      throw new Error(`${name}: line ${at + 1} is damaged`, { cause });
    }
  });
  if (settlements.length > 0) await book(settlements);
  await rm(name, { force: true });
  return settlements.length;
}
