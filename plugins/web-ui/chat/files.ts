import { readUpload } from "../../../core/services/chat/uploadFile";
import { saveUpload } from "../../../core/services/chat/saveUpload";
import { NotFound, type MemberVisit, type Reply } from "../visit";
import { mustOpen } from "./chatPage";

const JSON_TYPE = "application/json; charset=utf-8";

/** Keeps one file for the next message; answers in JSON, for the script of the composer. */
export async function upload(visit: MemberVisit): Promise<Reply> {
  const [file] = visit.files;
  const saved = file && (await saveUpload(visit.deps, { ownerId: visit.user.id, name: file.name, bytes: file.bytes }));
  if (!saved?.ok) {
    return { kind: "file", status: 422, type: JSON_TYPE, body: JSON.stringify({ error: { message: saved?.message ?? "No file was sent." } }) };
  }
  const { id, name, kind, bytes } = saved.value;
  return { kind: "file", type: JSON_TYPE, body: JSON.stringify({ id, name, kind, bytes }) };
}

/** An image of a conversation, to its owner alone; of a type that we know by its content. */
export async function conversationFile(visit: MemberVisit): Promise<Reply> {
  const { conversation } = await mustOpen(visit);
  return imageReply(visit, conversation.id);
}

/** An image that waits to be sent. */
export async function waitingFile(visit: MemberVisit): Promise<Reply> {
  return imageReply(visit, visit.user.id);
}

async function imageReply(visit: MemberVisit, place: string): Promise<Reply> {
  const file = await readUpload(visit.deps, place, visit.params["file"] ?? "");
  if (file?.attachment.kind !== "image") throw new NotFound();
  return {
    kind: "file", type: file.attachment.type, body: file.bytes,
    headers: { "x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'; sandbox", "cache-control": "private, max-age=3600" },
  };
}
