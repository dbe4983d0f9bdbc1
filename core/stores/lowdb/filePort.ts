import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import path from "node:path";

/** A file open for writing. */
export interface OpenFile {
  /** Puts all of the bytes at the end. */
  write(bytes: Uint8Array): Promise<void>;
  /** The bytes and the size are on the disk. */
  datasync(): Promise<void>;
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** What the engine does with files, and nothing else: a test puts a disk that loses, tears and refuses behind it. */
export interface FilePort {
  /** With its parents, mode 0700, on the disk when it resolves. */
  makeFolder(folder: string): Promise<void>;
  /** `create` begins an empty file, `append` goes on at the end; mode 0600. */
  open(file: string, mode: "create" | "append"): Promise<OpenFile>;
  /** The bytes from `start` up to `end`, in pieces. */
  read(file: string, range?: { readonly start?: number; readonly end?: number }): AsyncIterable<Buffer>;
  /** Undefined: there is no such file. */
  size(file: string): Promise<number | undefined>;
  /** The names in a folder, sorted; a folder that is not there has none. */
  list(folder: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** The names in the folder are on the disk. */
  syncFolder(folder: string): Promise<void>;
}

const PIECE = 256 * 1024;

export const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";

function openFile(handle: FileHandle): OpenFile {
  return {
    write: async (bytes) => {
      let done = 0;
      // A write may be short, on a full disk above all.
      while (done < bytes.length) done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
    },
    datasync: () => handle.datasync(),
    sync: () => handle.sync(),
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The real disk. */
export const nodeFiles: FilePort = {
  makeFolder: async (folder) => {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = folder; ; made = path.dirname(made)) {
      await syncFolder(path.dirname(made));
      if (made === first || made === path.dirname(made)) return;
    }
  },
  open: async (file, mode) => openFile(await open(file, mode === "create" ? "w" : "a", 0o600)),
  read: async function* (file, range = {}) {
    if (range.end !== undefined && range.end <= (range.start ?? 0)) return;
    const end = range.end === undefined ? undefined : range.end - 1;
    for await (const piece of createReadStream(file, { start: range.start, end, highWaterMark: PIECE })) yield piece as Buffer;
  },
  size: async (file) => {
    try {
      return (await stat(file)).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  list: async (folder) => {
    try {
      return (await readdir(folder)).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
  rename,
  remove: (file) => rm(file, { force: true }),
  syncFolder,
};

/** A whole file; undefined: there is none. */
export async function readWhole(files: FilePort, file: string): Promise<Buffer | undefined> {
  if ((await files.size(file)) === undefined) return undefined;
  const pieces: Buffer[] = [];
  for await (const piece of files.read(file)) pieces.push(piece);
  return Buffer.concat(pieces);
}
