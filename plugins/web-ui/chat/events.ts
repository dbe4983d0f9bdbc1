import type { ChatMessage } from "../../../core/domain/chatMessage";
import type { ChatJob } from "../../../core/services/chat/types";
import { NotFound, type MemberVisit, type Reply } from "../visit";
import { mustOpen } from "./chatPage";
import { streamHtml } from "./streamHtml";

/** The stream of one answer: as far as it has come, then what follows. Whoever leaves can come back; the answer goes on. */
export async function events(visit: MemberVisit): Promise<Reply> {
  const { conversation, tree } = await mustOpen(visit);
  const saved = tree.get(visit.params["message"] ?? "");
  if (saved?.role !== "assistant") throw new NotFound();
  const job = visit.deps.chat.jobs.find(saved.id);
  streamHtml(visit.res, job?.message.status === "running" ? job : ended(conversation.id, conversation.ownerId, job?.message ?? saved));
  return { kind: "own" };
}

/** An answer that is written no more: it says so to whoever asks. */
function ended(conversationId: string, ownerId: string, message: ChatMessage): ChatJob {
  return {
    conversationId, ownerId, message,
    subscribe: (listener) => {
      setImmediate(() => listener({ kind: "end", message }));
      return () => undefined;
    },
  };
}
