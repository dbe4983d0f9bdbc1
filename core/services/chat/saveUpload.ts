import type { ChatAttachment } from "../../domain/chatMessage";
import { kindByContent, plainFileName, typeByName } from "../../domain/fileKind";
import { uuidv7 } from "../../ids";
import { done, refused, type Outcome } from "../outcome";
import { writeUpload } from "./uploadFile";
import type { ChatDeps } from "./types";

export interface Upload {
  readonly ownerId: string;
  /** As the browser sent it. */
  readonly name: string;
  readonly bytes: Buffer;
}

const MOST_WAITING = 40;
const WAITS_MS = 24 * 3_600_000;

/** Takes one file, by what it holds and not by what it is called, and keeps it for the person's next message. */
export async function saveUpload(deps: ChatDeps, upload: Upload): Promise<Outcome<ChatAttachment>> {
  const { maxBytes, allowedExtensions } = deps.config.get().sections.upload;
  const name = plainFileName(upload.name);
  const no = (message: string) => refused(`${name}: ${message}`, "file");
  if (upload.bytes.length > maxBytes) return no(`a file has at most ${Math.floor(maxBytes / 1_048_576)} MB.`);
  if (upload.bytes.length === 0) return no("the file is empty.");
  const { extension, type } = typeByName(name);
  if (!allowedExtensions.includes(extension)) return no(`files of this kind are not taken. Send one of: ${allowedExtensions.join(", ")}.`);
  const seen = kindByContent(upload.bytes);
  if ((seen?.type ?? "text/plain") !== type) return no(`the file does not hold what its name says (.${extension}).`);
  const kind = seen?.kind ?? "text";
  const text = await textOf(deps, kind, upload.bytes);
  if (text && !text.ok) return no(text.message);
  await forgetOld(deps, upload.ownerId);
  if ((await deps.store.files.list(upload.ownerId)).length >= MOST_WAITING) return no(`${MOST_WAITING} files wait to be sent already. Send or remove them first.`);
  const attachment: ChatAttachment = {
    id: uuidv7(deps.clock()), name, kind, type, bytes: upload.bytes.length, ...(text ? { text: text.value } : {}),
  };
  await writeUpload(deps, upload.ownerId, { attachment, bytes: kind === "image" ? upload.bytes : Buffer.alloc(0) });
  return done(attachment);
}

async function textOf(deps: ChatDeps, kind: ChatAttachment["kind"], bytes: Buffer): Promise<Outcome<string> | undefined> {
  const { maxTextChars } = deps.config.get().sections.upload;
  if (kind === "image") return undefined;
  if (kind === "pdf") {
    const read = await deps.chat.readPdf(bytes, maxTextChars);
    return read.ok ? done(read.text) : refused(read.message);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refused("the file is no text in UTF-8.");
  }
  if (text.includes("\0")) return refused("the file is no text.");
  const most = maxTextChars.toLocaleString("en-US");
  return text.length > maxTextChars ? refused(`the file has ${text.length.toLocaleString("en-US")} characters; at most ${most} are taken.`) : done(text);
}

/** What was uploaded and never sent goes after a day; an id begins with its time. */
async function forgetOld({ store, clock }: ChatDeps, ownerId: string): Promise<void> {
  for (const id of await store.files.list(ownerId)) {
    const at = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
    if (at < clock() - WAITS_MS) await store.files.erase(ownerId, id);
  }
}
