import { listAudit, type AuditParty, type AuditRow } from "../../../../core/services/auditLog/listAudit";
import { page, part, type Reply, type Visit } from "../../visit";
import { ACTIONS, askedAudit } from "./auditQuestion";

/** Who did what to whom, when and from where; filtered by the address, page after page. */
export async function showAudit(visit: Visit): Promise<Reply> {
  const { question, fields } = askedAudit(visit.query);
  const { rows, next } = await listAudit(visit.deps, question);
  const kept = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ""));
  const model = {
    fields,
    actions: ACTIONS.map(([value, label]) => ({ value, label, selected: value === fields.action })),
    isFiltered: kept.size > 0,
    rows: rows.map(shownRow),
    exportHref: `/admin/audit.csv?${kept.toString()}`,
    ...(next === undefined ? {} : { olderHref: `/admin/audit?${new URLSearchParams([...kept, ["cursor", next]]).toString()}` }),
    ...(question.cursor === undefined ? {} : { newestHref: `/admin/audit?${kept.toString()}` }),
  };
  return visit.isSwap ? part("admin/audit-list", model) : page("admin/audit", "Audit log", model);
}

function shownRow({ at, actor, action, subject, address, details }: AuditRow): object {
  return {
    at, action, address,
    actor: { label: actor.label, href: hrefOf(actor) },
    subject: { label: subject.kind === "key" ? `key ${subject.label}` : subject.label, href: hrefOf(subject) },
    details: Object.entries(details).map(([name, value]) => ({ name, value })),
  };
}

function hrefOf({ kind, id, owner }: AuditParty): string | undefined {
  if (kind === "key" && owner) return owner.kind === "client" ? `/clients/${owner.id}` : `/admin/users/${owner.id}`;
  if (kind === "client") return `/clients/${id}`;
  return kind === "user" ? `/admin/users/${id}` : undefined;
}
