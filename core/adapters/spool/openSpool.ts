import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rm, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { ByteSource } from "../wire/byteSource";

/** An upload that is being put aside, and can be read from any place once it is there. */
export interface SpooledUpload extends ByteSource {
  /** Takes the next bytes. Wait for the promise, where there is one, before the next call. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Frees memory and file; may be called at any time, and again. */
  close(): Promise<void>;
}

/** Where uploads wait until it is known whom they are for. */
export interface Spool {
  create(): SpooledUpload;
}

export interface SpoolOptions {
  /** Made at the first large upload, for this process's user alone. */
  readonly folder: string;
  /** Uploads up to this size stay in memory; default 1 MB. */
  readonly memoryBytes?: number;
}

const ENDING = ".upload";

/**
 * Opens the spool and removes what a crash may have left in its folder. A file loses its name as soon as it is open: from then on
 * the system frees it with its last handle, however this process ends.
 */
export async function openSpool({ folder, memoryBytes = 1_048_576 }: SpoolOptions): Promise<Spool> {
  const left = await readdir(folder).catch(() => []);
  await Promise.all(left.filter((name) => name.endsWith(ENDING)).map((name) => rm(path.join(folder, name), { force: true })));
  return { create: () => new Upload(folder, memoryBytes) };
}

class Upload implements SpooledUpload {
  byteLength = 0;
  private chunks: Buffer[] = [];
  private file?: FileHandle;
  private closed = false;

  constructor(private readonly folder: string, private readonly memoryBytes: number) {}

  write(chunk: Buffer): Promise<void> | undefined {
    this.byteLength += chunk.length;
    if (this.file) return this.append(this.file, [chunk]);
    this.chunks.push(chunk);
    return this.byteLength > this.memoryBytes ? this.moveToFile() : undefined;
  }

  async read(start: number, end: number): Promise<Buffer> {
    const stop = Math.min(end, this.byteLength);
    if (!this.file) return this.inMemory().subarray(start, stop);
    const bytes = Buffer.allocUnsafe(Math.max(0, stop - start));
    const { bytesRead } = await this.file.read(bytes, 0, bytes.length, start);
    if (bytesRead < bytes.length) throw new Error("a spooled upload is shorter than it was");
    return bytes;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.chunks = [];
    await this.file?.close();
  }

  private inMemory(): Buffer {
    if (this.closed) throw new Error("a spooled upload was read after its end");
    if (this.chunks.length !== 1) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0] as Buffer;
  }

  private async moveToFile(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const name = path.join(this.folder, `${randomUUID()}${ENDING}`);
    const file = await open(name, "wx+", 0o600);
    // Another worker that starts may have found it first.
    await rm(name, { force: true });
    // Closed while it was opened: nobody else would.
    if (this.closed) return file.close();
    this.file = file;
    const chunks = this.chunks;
    this.chunks = [];
    await this.append(file, chunks);
  }

  private async append(file: FileHandle, chunks: Buffer[]): Promise<void> {
    const { bytesWritten } = await file.writev(chunks);
    const wanted = chunks.reduce((sum, { length }) => sum + length, 0);
    if (bytesWritten < wanted) throw new Error("an upload could not be written whole");
  }
}
