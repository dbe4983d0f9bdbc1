import path from "node:path";
import { StoreRefused } from "../../errors/storeErrors";
import type { BooksReport } from "../types";
import { CHAT_FOLDERS, shards } from "./shard";
import { isMissing, nodeFiles, type FilePort } from "./filePort";
import { ROLLUPS } from "./sheets";

/** What a data folder is made of; the lock is not a part of it. */
const FOLDERS = [ROLLUPS, "journal", "archive"] as const;

/** @param own names of what the caller has put there itself */
export async function refuseFilled(files: FilePort, folder: string, own: readonly string[] = []): Promise<void> {
  // A `.gitkeep` is nothing that a restore could spoil.
  const filled = (await files.list(folder)).some((name) => !name.startsWith(".") && !own.includes(name));
  if (filled) throw new StoreRefused(`${folder} is not empty: name an empty or a new folder`);
}

/** Copies a file, or the first `size` bytes of it, and syncs the copy. */
async function copyFile(files: FilePort, from: string, to: string, size?: number): Promise<void> {
  const out = await files.open(to, "create");
  try {
    for await (const piece of files.read(from, size === undefined ? {} : { end: size })) await out.write(piece);
    await out.sync();
  } finally {
    await out.close();
  }
}

/**
 * Copies a data folder that nobody changes but by appending to its journal. The journal is copied last, so that it reaches at
 * least as far as the checkpoints.
 * @param sizeOf how much of a journal file is to be copied; undefined: all of it
 */
export async function copyFolder(
  files: FilePort, from: string, to: string, sizeOf: (name: string) => number | undefined = () => undefined,
): Promise<void> {
  await files.makeFolder(to);
  await copyChats(files, from, to);
  for (const name of await files.list(from)) {
    if (name.endsWith(".json")) await copyFile(files, path.join(from, name), path.join(to, name));
  }
  for (const folder of [ROLLUPS, "archive", "journal"]) {
    await files.makeFolder(path.join(to, folder));
    for (const name of await files.list(path.join(from, folder))) {
      if (name.endsWith(".tmp")) continue;
      await copyFile(files, path.join(from, folder, name), path.join(to, folder, name), folder === "journal" ? sizeOf(name) : undefined);
    }
    await files.syncFolder(path.join(to, folder));
  }
  await files.syncFolder(to);
}

/** What was said, before the rows that tell of it; a conversation that is erased meanwhile is not copied. */
async function copyChats(files: FilePort, from: string, to: string): Promise<void> {
  for (const shard of CHAT_FOLDERS.flatMap((folder) => shards(folder))) {
    const names = (await files.list(path.join(from, shard))).filter((name) => !name.endsWith(".tmp"));
    if (names.length > 0) await files.makeFolder(path.join(to, shard));
    for (const name of names) {
      await copyFile(files, path.join(from, shard, name), path.join(to, shard, name)).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
        return files.remove(path.join(to, shard, name));
      });
    }
    if (names.length > 0) await files.syncFolder(path.join(to, shard));
  }
}

/** How a copy is opened and its books proven; the store hands itself in, so that the copy is checked by what will use it. */
export type ProveBooks = (folder: string) => Promise<BooksReport>;

/**
 * Puts a backup into an empty or missing folder, opens it and proves its books.
 * @throws StoreRefused when the target holds anything, or the backup is not whole; the target is then empty again
 */
export async function restoreFolder(from: string, to: string, prove: ProveBooks, files: FilePort = nodeFiles): Promise<BooksReport> {
  await refuseFilled(files, to);
  if ((await files.list(path.join(from, "journal"))).length === 0) throw new StoreRefused(`${from} holds no backup: it has no journal`);
  try {
    await copyFolder(files, from, to);
    const report = await prove(to);
    if (report.exact) return report;
    throw new StoreRefused(`the books of ${from} are not exact:\n${report.differences.join("\n")}`);
  } catch (error) {
    await clearFolder(files, to);
    throw error;
  }
}

/** Removes what a copy has put there, and nothing else. */
export async function clearFolder(files: FilePort, folder: string): Promise<void> {
  for (const shard of CHAT_FOLDERS.flatMap((part) => shards(part))) {
    for (const name of await files.list(path.join(folder, shard))) await files.remove(path.join(folder, shard, name));
  }
  for (const part of ["", ...FOLDERS]) {
    for (const name of await files.list(path.join(folder, part))) {
      if (/\.(json|log|gz|tmp)$/.test(name)) await files.remove(path.join(folder, part, name));
    }
  }
}
