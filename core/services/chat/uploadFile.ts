import type { ChatAttachment } from "../../domain/chatMessage";
import type { ChatDeps } from "./types";

/** A file as it is kept: a line that says what it is, then its bytes where they are still needed. */
export interface UploadFile {
  readonly attachment: ChatAttachment;
  readonly bytes: Buffer;
}

export async function writeUpload(deps: Pick<ChatDeps, "store">, place: string, { attachment, bytes }: UploadFile): Promise<void> {
  await deps.store.files.put(place, attachment.id, Buffer.concat([Buffer.from(`${JSON.stringify(attachment)}\n`), bytes]));
}

/** @param id as the browser sent it */
export async function readUpload(deps: Pick<ChatDeps, "store">, place: string, id: string): Promise<UploadFile | undefined> {
  if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
  const stored = await deps.store.files.get(place, id);
  if (!stored) return undefined;
  const end = stored.indexOf(10);
  return { attachment: JSON.parse(stored.toString("utf8", 0, end)) as ChatAttachment, bytes: stored.subarray(end + 1) };
}
