import { createHash } from "node:crypto";
import path from "node:path";

/** Where what was said is kept, and the files that go with it. */
export const CONVERSATIONS = "conversations";
export const UPLOADS = "uploads";
export const CHAT_FOLDERS = [CONVERSATIONS, UPLOADS] as const;

/** An id becomes a part of a file's name: nothing that could lead elsewhere. */
const ID = /^[\w-]{1,64}$/;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** All folders of one kind: no folder holds more than its 256th part. */
export const shards = (kind: string): string[] => HEX.map((part) => path.join(kind, part));

/** @throws Error for an id that is none */
export function shardOf(id: string): string {
  assertId(id);
  return createHash("sha256").update(id).digest("hex").slice(0, 2);
}

/** @throws Error for an id that is none */
export function assertId(id: string): void {
  if (!ID.test(id)) throw new Error("an id holds letters, digits, - and _ alone");
}
