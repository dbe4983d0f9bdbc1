import { listAudit } from "../../services/auditLog/listAudit";
import { previewConfig } from "../../services/configDiff/previewConfig";
import { done } from "../../services/outcome";
import { longText, optionalCount, optionalText, text } from "../commandInput";
import type { Command } from "../types";
import { isoTime } from "./owners";

/** What a file would change and for whom; a faulty one is an answer, not a refusal, so that its faults come as they are. */
export const diffConfigCommand: Command = async (deps, input) => done(await previewConfig(deps, longText(input, "text"), text(input, "file")));

const MOST = 1_000;

export const listAuditCommand: Command = async (deps, input) => {
  const limit = Math.min(MOST, optionalCount(input, "limit") ?? 50);
  const { rows } = await listAudit(deps, { actor: optionalText(input, "actor"), subject: optionalText(input, "subject"), action: optionalText(input, "action"), limit });
  return done(rows.map(({ at, actor, action, subject, address, details }) => ({
    at: isoTime(at), actor: actor.label, actorId: actor.id, action, subject: subject.label, subjectId: subject.id, address: address ?? null, details,
  })));
};
