import type { Conversation } from "../../domain/conversation";
import { changeRow } from "../changeRow";
import { done, refused, type Outcome } from "../outcome";
import { findConversation, NO_CONVERSATION } from "./openConversation";
import type { ChatDeps } from "./types";

/** As they were typed. */
export interface TypedSettings {
  readonly systemPrompt: string;
  /** Empty: the model's own. */
  readonly temperature: string;
}

export interface ConversationSettings extends TypedSettings {
  /** Empty: as it is. */
  readonly model: string;
}

const LONGEST_PROMPT = 8_000;

/** What was typed as it is kept; what is empty is not there. */
export function readSettings(typed: TypedSettings): Outcome<Pick<Conversation, "systemPrompt" | "temperature">> {
  const systemPrompt = typed.systemPrompt.replace(/\r\n?/g, "\n").trim();
  if (systemPrompt.length > LONGEST_PROMPT) return refused(`A system prompt has at most ${LONGEST_PROMPT.toLocaleString("en-US")} characters.`, "system_prompt");
  const number = typed.temperature.trim().replace(",", ".");
  const temperature = number === "" ? undefined : Number(number);
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 2)) return refused("The temperature is a number from 0 to 2.", "temperature");
  return done({ ...(systemPrompt ? { systemPrompt } : {}), ...(temperature === undefined ? {} : { temperature }) });
}

/** What goes with every call of this conversation from the next message on. */
export async function changeSettings(deps: ChatDeps, ownerId: string, id: string, wanted: ConversationSettings): Promise<Outcome<Conversation>> {
  if (!(await findConversation(deps, ownerId, id))) return NO_CONVERSATION;
  const read = readSettings(wanted);
  if (!read.ok) return read;
  const row = await changeRow<Conversation>(deps.store.conversations, id, (found) => {
    if (!found) return undefined;
    const { systemPrompt: _prompt, temperature: _temperature, ...rest } = found;
    return { ...rest, model: wanted.model || found.model, ...read.value };
  });
  return row ? done(row) : NO_CONVERSATION;
}
