import path from "node:path";
import type { SourcePlace } from "../../../core/domain/sourcePlace";
import { describeReason } from "../../../core/services/explainAccess";
import { dialogReply } from "../dialogs/dialogReply";
import { ownerPageOf } from "../ownerPages";
import { NotFound, type MemberVisit, type Reply } from "../visit";
import { ownDecision } from "./accessRows";

/** A6: the reasons of a decision, in the order in which they were asked. Where they stand in the file is for admins. */
export async function showWhy(visit: MemberVisit): Promise<Reply> {
  const { owner, base } = await ownerPageOf(visit);
  const model = visit.params["model"] ?? "";
  const decision = await ownDecision(visit, owner, model);
  if (!decision) throw new NotFound();
  const reasons = decision.reasons.map((reason) => ({
    text: describeReason({ ...reason, at: visit.isAdmin ? withoutFolder(reason.at) : undefined }),
    decides: reason === decision.decidedBy,
  }));
  const title = decision.verdict === "allowed" ? `Why is ${model} allowed?` : `Why is ${model} blocked?`;
  return dialogReply(visit, { title, content: "access/why", model: { reasons }, back: base });
}

/** The folder is of no use to readers of a page. */
function withoutFolder(at: SourcePlace | undefined): SourcePlace | undefined {
  return at && { ...at, file: path.basename(at.file) };
}
