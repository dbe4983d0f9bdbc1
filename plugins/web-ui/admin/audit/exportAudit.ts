import { listAudit, type AuditRow } from "../../../../core/services/auditLog/listAudit";
import { csvOf } from "../../tables/csv";
import type { Reply, Visit } from "../../visit";
import { askedAudit } from "./auditQuestion";

const MOST = 50_000;
const PIECE = 1_000;

/** The same selection as the page shows, as one file; the newest 50,000 events at most. */
export async function exportAudit(visit: Visit): Promise<Reply> {
  const { question } = askedAudit(visit.query);
  const rows: AuditRow[] = [];
  let cursor = question.cursor;
  do {
    const found = await listAudit(visit.deps, { ...question, limit: PIECE, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...found.rows);
    cursor = found.next;
  } while (cursor !== undefined && rows.length < MOST);
  const lines = rows.map(({ at, actor, action, subject, address, details }) => [
    new Date(at).toISOString(), actor.label, actor.id, action, subject.label, subject.id, address ?? "",
    Object.entries(details).map(([name, value]) => `${name}=${value}`).join("; "),
  ]);
  const body = csvOf(["time", "actor", "actor_id", "action", "subject", "subject_id", "address", "details"], lines);
  return { kind: "file", type: "text/csv; charset=utf-8", body, name: `audit-${new Date(visit.deps.clock()).toISOString().slice(0, 10)}.csv` };
}
