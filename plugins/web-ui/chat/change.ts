import { changeSettings } from "../../../core/services/chat/changeSettings";
import { deleteConversation } from "../../../core/services/chat/deleteConversation";
import { editMessage } from "../../../core/services/chat/editMessage";
import { findConversation, isMissing } from "../../../core/services/chat/openConversation";
import { regenerateAnswer } from "../../../core/services/chat/regenerateAnswer";
import { renameConversation } from "../../../core/services/chat/renameConversation";
import { switchBranch } from "../../../core/services/chat/switchBranch";
import type { Outcome } from "../../../core/services/outcome";
import { askFirst } from "../dialogs/askFirst";
import { questions } from "../dialogs/questions";
import { bad, good, NotFound, page, redirect, type MemberVisit, type Reply } from "../visit";
import { chatPage, mustOpen } from "./chatPage";
import { turnReply } from "./turnReply";

const idOf = ({ params }: MemberVisit): string => params["id"] ?? "";
const messageOf = ({ params }: MemberVisit): string => params["message"] ?? "";

export async function regenerate(visit: MemberVisit): Promise<Reply> {
  const open = await mustOpen(visit);
  const wanted = { ownerId: visit.user.id, conversationId: idOf(visit), messageId: messageOf(visit), model: visit.form.text("model") };
  return turnReply(visit, await regenerateAnswer(visit.deps, wanted), open, {});
}

export async function edit(visit: MemberVisit): Promise<Reply> {
  const open = await mustOpen(visit);
  const edited = { ownerId: visit.user.id, conversationId: idOf(visit), messageId: messageOf(visit), text: visit.form.raw("text"), model: visit.form.text("model") };
  return turnReply(visit, await editMessage(visit.deps, edited), open, {});
}

export async function branch(visit: MemberVisit): Promise<Reply> {
  return back(visit, await switchBranch(visit.deps, visit.user.id, idOf(visit), messageOf(visit)));
}

/** The job ends by itself; the page shows it as far as it has come. Nothing is read before: each token until then costs. */
export async function stop(visit: MemberVisit): Promise<Reply> {
  const { deps, user } = visit;
  const job = deps.chat.jobs.find(messageOf(visit));
  if (!job || job.conversationId === idOf(visit)) await deps.chat.jobs.stop(user.id, messageOf(visit));
  if (!(await findConversation(deps, user.id, idOf(visit)))) throw new NotFound();
  return redirect(`/chat/${idOf(visit)}`);
}

export async function rename(visit: MemberVisit): Promise<Reply> {
  return back(visit, await renameConversation(visit.deps, visit.user.id, idOf(visit), visit.form.raw("title")), "Renamed.");
}

export async function remove(visit: MemberVisit): Promise<Reply> {
  const found = await findConversation(visit.deps, visit.user.id, idOf(visit));
  if (!found) throw new NotFound();
  const question = askFirst(visit, questions.deleteConversation(found.title), `/chat/${found.id}`);
  if (question) return question;
  const outcome = await deleteConversation(visit.deps, visit.user.id, idOf(visit));
  if (!outcome.ok) throw new NotFound();
  return redirect("/chat", good("The conversation was deleted."));
}

export async function saveSettings(visit: MemberVisit): Promise<Reply> {
  const { deps, form, user } = visit;
  const wanted = { systemPrompt: form.raw("system_prompt"), temperature: form.text("temperature"), model: form.text("model") };
  const outcome = await changeSettings(deps, user.id, idOf(visit), wanted);
  if (outcome.ok || isMissing(outcome)) return back(visit, outcome, "Saved.");
  const open = await mustOpen(visit);
  return page("chat/show", open.conversation.title, await chatPage(visit, open, { settingsProblem: outcome.message }), { status: visit.req.headers["hx-boosted"] === "true" ? 200 : 422 });
}

function back(visit: MemberVisit, outcome: Outcome<unknown>, said?: string): Reply {
  if (isMissing(outcome)) throw new NotFound();
  const toast = outcome.ok ? said && good(said) : bad(outcome.message);
  return redirect(`/chat/${idOf(visit)}`, toast || undefined);
}
