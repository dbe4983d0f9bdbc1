import { sendMessage } from "../../../core/services/chat/sendMessage";
import { startConversation } from "../../../core/services/chat/startConversation";
import type { MemberVisit, Reply } from "../visit";
import { mustOpen } from "./chatPage";
import { sentFiles } from "./sentFiles";
import { turnReply } from "./turnReply";

/** The first message of a conversation, or a further one where the path names one. */
export async function send(visit: MemberVisit): Promise<Reply> {
  const { deps, form, user, params } = visit;
  const conversationId = params["id"];
  const open = conversationId === undefined ? undefined : await mustOpen(visit);
  const typed = { text: form.raw("text"), model: form.text("model") };
  const settings = { systemPrompt: form.raw("system_prompt"), temperature: form.text("temperature") };
  const files = await sentFiles(visit);
  if (!files.ok) return turnReply(visit, files, open, { ...typed, settings, uploads: form.all("upload") });
  const message = { ownerId: user.id, ...typed, uploads: files.value };
  const outcome = conversationId === undefined ? await startConversation(deps, { ...message, settings }) : await sendMessage(deps, { ...message, conversationId });
  return turnReply(visit, outcome, open, { ...typed, settings, uploads: files.value });
}
