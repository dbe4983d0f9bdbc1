import type { ChatAttachment, ThreadMessage } from "../../../core/domain/chatMessage";
import { activeBranch } from "../../../core/domain/chatThread";
import type { OpenConversation } from "../../../core/services/chat/openConversation";
import type { MemberVisit } from "../visit";
import type { AttachmentModel, ChatPageModel, MessageModel } from "./models";

/** Messages that a page has at once: 60 questions and their answers. */
const AT_ONCE = 120;

/** The end of the branch that is shown, or, with `?before=`, the part of it that ends above that message. */
export function messagesOf({ query }: Pick<MemberVisit, "query">, { conversation, tree }: OpenConversation): Pick<ChatPageModel, "messages" | "earlierHref" | "latestHref"> {
  const branch = activeBranch(tree, conversation.leafId);
  const found = branch.findIndex(({ message }) => message.id === query.get("before"));
  const end = found > 0 ? found : branch.length;
  const shown = branch.slice(Math.max(0, end - AT_ONCE), end);
  const [first] = shown;
  const href = `/chat/${conversation.id}`;
  return {
    messages: shown.map((one) => messageModel(conversation.id, one)),
    ...(first && end > AT_ONCE ? { earlierHref: `${href}?before=${first.message.id}` } : {}),
    ...(end < branch.length ? { latestHref: href } : {}),
  };
}

/**
 * The address of the page that holds a message of the shown branch, with as much after it as before it.
 * @returns undefined for a message of another branch
 */
export function placeOf({ conversation, tree }: OpenConversation, id: string): string | undefined {
  const branch = activeBranch(tree, conversation.leafId);
  const at = branch.findIndex(({ message }) => message.id === id);
  if (at < 0) return undefined;
  const end = at < branch.length - AT_ONCE ? branch[at + AT_ONCE / 2] : undefined;
  return `/chat/${conversation.id}${end ? `?before=${encodeURIComponent(end.message.id)}` : ""}#message-${id}`;
}

/** One message with what can be done with it now. */
export function messageModel(conversationId: string, { message, position, siblings }: ThreadMessage): MessageModel {
  const base = `/chat/${conversationId}`;
  const isUser = message.role === "user";
  const isRunning = message.status === "running";
  const go = (id: string | undefined) => (id === undefined ? undefined : `${base}/branch/${id}`);
  const { text, reasoning, reasoningMs, error, model, createdAt, inputTokens, outputTokens, costNano, tokensPerSecond, requestId } = message;
  return {
    id: message.id, conversationId, isUser, isRunning, text, createdAt, reasoning, error, model, inputTokens, outputTokens, costNano, tokensPerSecond, requestId,
    isStopped: message.status === "stopped",
    isFailed: message.status === "failed",
    href: `${base}/messages/${message.id}`,
    attachments: (message.attachments ?? []).map((attachment) => attachmentModel(base, attachment)),
    ...(reasoningMs === undefined ? {} : { reasoningSeconds: Math.max(1, Math.round(reasoningMs / 1_000)) }),
    ...(error?.code === "consent_required" && model !== undefined ? { consentHref: `/models/${encodeURIComponent(model)}` } : {}),
    ...(siblings.length > 1 ? { branch: { number: position + 1, count: siblings.length, previousAction: go(siblings[position - 1]), nextAction: go(siblings[position + 1]) } } : {}),
    ...(isUser ? { editAction: `${base}/edit/${message.id}` } : {}),
    ...(!isUser && !isRunning ? { regenerateAction: `${base}/regenerate/${message.id}` } : {}),
    ...(isRunning ? { stopAction: `${base}/stop/${message.id}`, eventsHref: `${base}/events/${message.id}` } : {}),
  };
}

export function attachmentModel(base: string, { id, name, kind, bytes }: ChatAttachment): AttachmentModel {
  return { id, name, kind, bytes, ...(kind === "image" ? { imageHref: `${base}/files/${id}` } : {}) };
}
