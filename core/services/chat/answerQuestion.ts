import type { ChatAttachment, ChatMessage } from "../../domain/chatMessage";
import { pathTo, type MessageTree } from "../../domain/chatThread";
import type { Conversation } from "../../domain/conversation";
import { uuidv7 } from "../../ids";
import { changeRow } from "../changeRow";
import { done, refused, type Outcome } from "../outcome";
import type { ConversationEvent } from "../../stores/types";
import { upstreamBody } from "./upstreamBody";
import { readUpload } from "./uploadFile";
import type { ChatDeps } from "./types";

/** What a sent message came to. `question` is missing where only another answer was asked for. */
export interface Turn {
  readonly conversation: Conversation;
  readonly question?: ChatMessage;
  readonly answer: ChatMessage;
}

export interface TurnRequest {
  /** As it is to be: with the model chosen now. */
  readonly conversation: Conversation;
  readonly tree: MessageTree;
  /** A new question below `parentId`, or the id of one that is there. */
  readonly question: { readonly text: string; readonly parentId?: string; readonly uploads: readonly string[]; readonly kept?: readonly ChatAttachment[] } | string;
}

const LONGEST_TEXT = 500_000;
export const MOST_FILES = 10;

/**
 * Puts a question, where it is new, and the beginning of its answer into the conversation, and starts the job that writes it.
 * Nothing is written where the question cannot go upstream.
 */
export async function answerQuestion(deps: ChatDeps, request: TurnRequest): Promise<Outcome<Turn>> {
  const { conversation, tree } = request;
  const asked = typeof request.question === "string" ? known(tree, request.question) : await newQuestion(deps, conversation, request.question);
  if (!asked.ok) return asked;
  const question = asked.value;
  if (conversation.model === "") return refused("Choose a model.", "model");
  const isNew = !tree.has(question.id);
  const pending = new Set(isNew && typeof request.question !== "string" ? request.question.uploads : []);
  const body = await upstreamBody(deps, {
    conversation, branch: [...pathTo(tree, question.parentId), question], model: deps.config.get().models.get(conversation.model),
    imagePlace: (id) => (pending.has(id) ? conversation.ownerId : conversation.id),
  });
  if (!body.ok) return body;
  const now = deps.clock();
  const answer: ChatMessage = { id: uuidv7(now), parentId: question.id, role: "assistant", text: "", model: conversation.model, createdAt: now, status: "running" };
  for (const attachment of question.attachments ?? []) if (pending.has(attachment.id)) await claim(deps, conversation, attachment);
  const events: ConversationEvent[] = (isNew ? [question, answer] : [answer]).map((message) => ({ t: "message", message }));
  await deps.store.messages.append(conversation.id, events);
  const row = await changeRow<Conversation>(deps.store.conversations, conversation.id, (found) => ({
    ...(found ?? conversation), model: conversation.model, leafId: answer.id, updatedAt: now,
  }));
  await deps.chat.jobs.start({ conversation: row ?? conversation, answer, body: body.value });
  return done({ conversation: row ?? conversation, answer, ...(isNew ? { question } : {}) });
}

function known(tree: MessageTree, id: string): Outcome<ChatMessage> {
  const question = tree.get(id);
  return question?.role === "user" ? done(question) : refused("There is no such message.");
}

async function newQuestion(deps: ChatDeps, { ownerId }: Conversation, wanted: Exclude<TurnRequest["question"], string>): Promise<Outcome<ChatMessage>> {
  const attachments = [...(wanted.kept ?? [])];
  for (const id of new Set(wanted.uploads)) {
    const file = await readUpload(deps, ownerId, id);
    if (!file) return refused("A file is not there any more. Attach it again.", "file");
    attachments.push(file.attachment);
  }
  const text = wanted.text.replace(/\r\n?/g, "\n").trim();
  if (text === "" && attachments.length === 0) return refused("Write a message.", "text");
  if (text.length > LONGEST_TEXT) return refused(`A message has at most ${LONGEST_TEXT.toLocaleString("en-US")} characters. Attach longer text as a file.`, "text");
  if (attachments.length > MOST_FILES) return refused(`A message has at most ${MOST_FILES} files.`, "file");
  const now = deps.clock();
  return done({
    id: uuidv7(now), role: "user", text, createdAt: now,
    ...(wanted.parentId === undefined ? {} : { parentId: wanted.parentId }),
    ...(attachments.length > 0 ? { attachments } : {}),
  });
}

/** The text of a file is in its message from now on; an image goes to the conversation. */
async function claim({ store }: ChatDeps, { id, ownerId }: Conversation, attachment: ChatAttachment): Promise<void> {
  if (attachment.kind === "image") await store.files.move(attachment.id, ownerId, id);
  else await store.files.erase(ownerId, attachment.id);
}
