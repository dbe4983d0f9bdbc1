import path from "node:path";
import type { ChatFiles } from "../types";
import { readWhole, type FilePort } from "./filePort";
import { assertId, shardOf, UPLOADS } from "./shard";
import { Turns } from "../shared/turns";

/** `uploads/<xx>/<place>.<id>`: written beside its name, synced, renamed. */
export class ChatFolder implements ChatFiles {
  private readonly turns = new Turns();

  constructor(private readonly files: FilePort, private readonly folder: string, private readonly assertUsable: () => void) {}

  put(place: string, id: string, bytes: Uint8Array): Promise<void> {
    const { shard, file } = this.at(place, id);
    return this.turns.take(place, async () => {
      this.assertUsable();
      await this.files.makeFolder(shard);
      const out = await this.files.open(`${file}.tmp`, "create");
      try {
        await out.write(bytes);
        await out.sync();
      } finally {
        await out.close();
      }
      await this.files.rename(`${file}.tmp`, file);
      await this.files.syncFolder(shard);
    });
  }

  async get(place: string, id: string): Promise<Buffer | undefined> {
    this.assertUsable();
    return readWhole(this.files, this.at(place, id).file);
  }

  move(id: string, from: string, to: string): Promise<boolean> {
    const [source, target] = [this.at(from, id), this.at(to, id)];
    return this.turns.take(from, async () => {
      this.assertUsable();
      if ((await this.files.size(source.file)) === undefined) return false;
      await this.files.makeFolder(target.shard);
      await this.files.rename(source.file, target.file);
      await this.files.syncFolder(target.shard);
      await this.files.syncFolder(source.shard);
      return true;
    });
  }

  async list(place: string): Promise<readonly string[]> {
    this.assertUsable();
    const names = await this.files.list(this.shard(place));
    return names.filter((name) => name.startsWith(`${place}.`) && !name.endsWith(".tmp")).map((name) => name.slice(place.length + 1));
  }

  erase(place: string, id?: string): Promise<void> {
    const shard = this.shard(place);
    return this.turns.take(place, async () => {
      this.assertUsable();
      const wanted = id === undefined ? `${place}.` : `${place}.${id}`;
      const names = (await this.files.list(shard)).filter((name) => (id === undefined ? name.startsWith(wanted) : name === wanted));
      for (const name of names) await this.files.remove(path.join(shard, name));
      if (names.length > 0) await this.files.syncFolder(shard);
    });
  }

  private shard(place: string): string {
    return path.join(this.folder, UPLOADS, shardOf(place));
  }

  private at(place: string, id: string): { shard: string; file: string } {
    assertId(id);
    const shard = this.shard(place);
    return { shard, file: path.join(shard, `${place}.${id}`) };
  }
}
