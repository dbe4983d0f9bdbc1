import { NotFound, type MemberVisit, type Reply } from "../visit";
import { mustOpen } from "./chatPage";
import { streamHtml, streamOver } from "./streamHtml";

/** The stream of one answer, as HTML. Whoever leaves can come back; the answer goes on. */
export async function events(visit: MemberVisit): Promise<Reply> {
  const { tree } = await mustOpen(visit);
  const id = visit.params["message"] ?? "";
  if (tree.get(id)?.role !== "assistant") throw new NotFound();
  // Nothing waits between the look at the job and the subscription: no piece is lost and none comes twice.
  const job = visit.deps.chat.jobs.find(id);
  if (job?.message.status === "running") streamHtml(visit.res, job);
  else streamOver(visit.res, id);
  return { kind: "own" };
}
