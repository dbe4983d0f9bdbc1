import type { Conversation } from "../../domain/conversation";
import { changeRow } from "../changeRow";
import { done, refused, type Outcome } from "../outcome";
import { findConversation, NO_CONVERSATION } from "./openConversation";
import type { ChatDeps } from "./types";

const LONGEST_TITLE = 200;

export async function renameConversation(deps: ChatDeps, ownerId: string, id: string, title: string): Promise<Outcome<Conversation>> {
  if (!(await findConversation(deps, ownerId, id))) return NO_CONVERSATION;
  const plain = title.replace(/[\p{Cc}\s]+/gu, " ").trim();
  if (plain === "") return refused("Give the conversation a title.", "title");
  if (plain.length > LONGEST_TITLE) return refused(`A title has at most ${LONGEST_TITLE} characters.`, "title");
  const row = await changeRow<Conversation>(deps.store.conversations, id, (found) => found && { ...found, title: plain });
  return row ? done(row) : NO_CONVERSATION;
}
