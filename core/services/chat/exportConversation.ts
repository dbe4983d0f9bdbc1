import { formatCoins } from "../../domain/coins";
import type { ChatMessage } from "../../domain/chatMessage";
import { activeBranch } from "../../domain/chatThread";
import type { OpenConversation } from "./openConversation";

/** The branch that is shown, for people. */
export function conversationMarkdown({ conversation, tree }: OpenConversation): string {
  const parts = [`# ${conversation.title}`];
  if (conversation.systemPrompt) parts.push(`> ${conversation.systemPrompt.replaceAll("\n", "\n> ")}`);
  for (const { message } of activeBranch(tree, conversation.leafId)) {
    parts.push(`## ${message.role === "user" ? "You" : (message.model ?? "Assistant")}`);
    for (const { name } of message.attachments ?? []) parts.push(`*Attached: ${name.replaceAll("*", "\\*")}*`);
    if (message.text !== "") parts.push(message.text);
    if (message.error) parts.push(`*${message.error.message}*`);
  }
  return `${parts.join("\n\n")}\n`;
}

/** All branches, for programs. Times are ISO 8601, costs exact decimal coins (docs/rules.md M1). */
export function conversationJson({ conversation, tree }: OpenConversation): string {
  const { id, title, model, systemPrompt, temperature, leafId, createdAt, updatedAt } = conversation;
  return JSON.stringify({
    id, title, model, system_prompt: systemPrompt ?? null, temperature: temperature ?? null, shown: leafId ?? null,
    created_at: new Date(createdAt).toISOString(), updated_at: new Date(updatedAt).toISOString(), messages: [...tree.values()].map(exported),
  }, null, 2);
}

function exported(message: ChatMessage): object {
  return {
    id: message.id, parent: message.parentId ?? null, role: message.role, text: message.text, created_at: new Date(message.createdAt).toISOString(),
    ...(message.attachments ? { attachments: message.attachments.map(({ name, type, bytes, text }) => ({ name, type, bytes, ...(text === undefined ? {} : { text }) })) } : {}),
    ...(message.role === "user" ? {} : {
      model: message.model, status: message.status, error: message.error, reasoning: message.reasoning, request_id: message.requestId,
      input_tokens: message.inputTokens, output_tokens: message.outputTokens, ...(message.costNano === undefined ? {} : { coins: formatCoins(message.costNano) }),
    }),
  };
}
