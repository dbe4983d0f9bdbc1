import type { Turn } from "../../../core/services/chat/answerQuestion";
import { isMissing, type OpenConversation } from "../../../core/services/chat/openConversation";
import type { Outcome } from "../../../core/services/outcome";
import { bad, NotFound, page, part, redirect, type MemberVisit, type Reply } from "../visit";
import { chatPage } from "./chatPage";
import type { ComposerState } from "./composer";

/** What follows a message: the conversation; the form again where it was refused. */
export async function turnReply(visit: MemberVisit, outcome: Outcome<Turn>, open: OpenConversation | undefined, state: ComposerState): Promise<Reply> {
  if (isMissing(outcome)) throw new NotFound();
  if (outcome.ok) return redirect(`/chat/${outcome.value.conversation.id}`);
  if (visit.isSwap) return part("chat/nothing", {}, { toast: bad(outcome.message), headers: { "hx-reswap": "none" } });
  // A boosted form is swapped in only where the answer is well.
  const status = visit.req.headers["hx-boosted"] === "true" ? 200 : 422;
  return page("chat/show", open?.conversation.title ?? "Chat", await chatPage(visit, open, { ...state, problem: outcome.message }), { status });
}
