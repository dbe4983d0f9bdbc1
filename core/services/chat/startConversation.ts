import { titleFrom, type Conversation } from "../../domain/conversation";
import { uuidv7 } from "../../ids";
import type { Outcome } from "../outcome";
import { answerQuestion, type Turn } from "./answerQuestion";
import { readSettings, type TypedSettings } from "./changeSettings";
import { readUpload } from "./uploadFile";
import type { ChatDeps } from "./types";

export interface FirstMessage {
  readonly ownerId: string;
  readonly text: string;
  readonly model: string;
  /** Ids of files that were uploaded before. */
  readonly uploads: readonly string[];
  readonly settings: TypedSettings;
}

/** A new conversation with its first message; it is called after its first words. */
export async function startConversation(deps: ChatDeps, first: FirstMessage): Promise<Outcome<Turn>> {
  const settings = readSettings(first.settings);
  if (!settings.ok) return settings;
  const now = deps.clock();
  const [file] = first.uploads;
  const named = first.text.trim() === "" && file !== undefined ? (await readUpload(deps, first.ownerId, file))?.attachment.name : undefined;
  const conversation: Conversation = {
    id: uuidv7(now), ownerId: first.ownerId, title: titleFrom(named ?? first.text), model: first.model, createdAt: now, updatedAt: now, ...settings.value,
  };
  return answerQuestion(deps, { conversation, tree: new Map(), question: { text: first.text, uploads: first.uploads } });
}
