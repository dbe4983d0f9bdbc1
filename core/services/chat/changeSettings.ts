import type { Conversation } from "../../domain/conversation";
import { changeRow } from "../changeRow";
import { done, refused, type Outcome } from "../outcome";
import { findConversation, NO_CONVERSATION } from "./openConversation";
import type { ChatDeps } from "./types";

export interface ConversationSettings {
  readonly systemPrompt: string;
  /** As typed; empty: the model's own. */
  readonly temperature: string;
  /** Empty: as it is. */
  readonly model: string;
}

const LONGEST_PROMPT = 8_000;

/** What goes with every call of this conversation from the next message on. */
export async function changeSettings(deps: ChatDeps, ownerId: string, id: string, wanted: ConversationSettings): Promise<Outcome<Conversation>> {
  if (!(await findConversation(deps, ownerId, id))) return NO_CONVERSATION;
  const systemPrompt = wanted.systemPrompt.replace(/\r\n?/g, "\n").trim();
  if (systemPrompt.length > LONGEST_PROMPT) return refused(`A system prompt has at most ${LONGEST_PROMPT.toLocaleString("en-US")} characters.`, "system_prompt");
  const typed = wanted.temperature.trim().replace(",", ".");
  const temperature = typed === "" ? undefined : Number(typed);
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 2)) return refused("The temperature is a number from 0 to 2.", "temperature");
  const row = await changeRow<Conversation>(deps.store.conversations, id, (found) => {
    if (!found) return undefined;
    const { systemPrompt: _prompt, temperature: _temperature, ...rest } = found;
    return { ...rest, model: wanted.model || found.model, ...(systemPrompt ? { systemPrompt } : {}), ...(temperature === undefined ? {} : { temperature }) };
  });
  return row ? done(row) : NO_CONVERSATION;
}
