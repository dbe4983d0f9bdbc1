import path from "node:path";
import type { ConversationEvent, Conversations } from "../types";
import { readWhole, type FilePort } from "./filePort";
import { CONVERSATIONS, shardOf } from "./shard";
import { Turns } from "../shared/turns";

const LF = 10;

/** `conversations/<xx>/<id>.jsonl`: one line for each event, appended and synced. A last line without its end was torn by a crash. */
export class ConversationFolder implements Conversations {
  private readonly turns = new Turns();

  constructor(private readonly files: FilePort, private readonly folder: string, private readonly assertUsable: () => void) {}

  append(id: string, events: readonly ConversationEvent[]): Promise<void> {
    const { shard, file } = this.place(id);
    return this.turns.take(id, async () => {
      this.assertUsable();
      const size = await this.files.size(file);
      const whole = size ? await this.wholeLines(file) : 0;
      if (size === undefined) await this.files.makeFolder(shard);
      const out = await this.files.open(file, "append");
      try {
        if (size !== undefined && size > whole) await out.truncate(whole);
        await out.write(Buffer.from(events.map((event) => `${encode(event)}\n`).join("")));
        await out.datasync();
      } finally {
        await out.close();
      }
      if (size === undefined) await this.files.syncFolder(shard);
    });
  }

  read(id: string): Promise<readonly ConversationEvent[]> {
    const { file } = this.place(id);
    return this.turns.take(id, async () => {
      this.assertUsable();
      const bytes = await readWhole(this.files, file);
      if (!bytes) return [];
      return bytes.toString("utf8", 0, bytes.lastIndexOf(LF) + 1).split("\n").flatMap(decode);
    });
  }

  erase(id: string): Promise<void> {
    const { shard, file } = this.place(id);
    return this.turns.take(id, async () => {
      this.assertUsable();
      if ((await this.files.size(file)) === undefined) return;
      await this.files.remove(file);
      await this.files.syncFolder(shard);
    });
  }

  private place(id: string): { shard: string; file: string } {
    const shard = path.join(this.folder, CONVERSATIONS, shardOf(id));
    return { shard, file: path.join(shard, `${id}.jsonl`) };
  }

  /** How many bytes of the file are whole lines. */
  private async wholeLines(file: string): Promise<number> {
    const size = (await this.files.size(file)) ?? 0;
    for await (const piece of this.files.read(file, { start: size - 1 })) if (piece.at(-1) === LF) return size;
    return ((await readWhole(this.files, file))?.lastIndexOf(LF) ?? -1) + 1;
  }
}

/** JSON, with coins as decimal text. */
function encode(event: ConversationEvent): string {
  return JSON.stringify(event, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

/** A line that a broken disk made unreadable costs that line alone. */
function decode(line: string): ConversationEvent[] {
  if (line === "") return [];
  try {
    return [JSON.parse(line, (key, value: unknown) => (key === "costNano" && typeof value === "string" ? BigInt(value) : value)) as ConversationEvent];
  } catch {
    return [];
  }
}
