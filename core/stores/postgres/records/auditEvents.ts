import type { AuditEvent, AuditFilter, AuditLog } from "../../types";
import type { Queryable } from "../database";
import { storable } from "../../shared/contents";
import { isAskable } from "./tables";

const DEFAULT_LIMIT = 50;

export interface AuditRow {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: string | null;
}

/** Who did what to whom, in one table. */
export function auditEvents(on: Queryable): AuditLog {
  return {
    append: async ({ id, at, actor, action, subject, details }) => {
      await on.rows({
        name: "audit.append",
        text: "INSERT INTO audit_events (id, at, actor, action, subject, details) VALUES ($1, $2, $3, $4, $5, $6)",
        values: [id, at, ...[actor, action, subject].map(storable), details ? JSON.stringify(details) : null],
      });
    },
    list: async (query = {}) => {
      const { cursor, limit = DEFAULT_LIMIT } = query;
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
      if (!Number.isSafeInteger(before) || ![query.actor, query.subject, query.action].every((text = "") => isAskable(text))) return { rows: [] };
      const { where, values } = conditionsOf(query, before);
      const found = await on.rows<AuditRow>({
        // One more than asked for tells whether there is another page.
        text: `SELECT seq, id, at, actor, action, subject, details FROM audit_events WHERE ${where} ORDER BY seq DESC LIMIT ${limit + 1}`, values,
      });
      const rows = found.slice(0, limit);
      const last = rows.at(-1);
      return { rows: rows.map(decodeAuditEvent), ...(last && found.length > limit ? { next: String(last.seq) } : {}) };
    },
  };
}

function conditionsOf({ actor, subject, action, since, until }: AuditFilter, before: number): { readonly where: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [];
  const conditions: string[] = [];
  const hold = (column: string, value: unknown) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(`${column} $${values.length}`);
  };
  hold("seq <", before);
  hold("actor =", actor);
  hold("subject =", subject);
  if (action?.endsWith(".")) {
    hold("action >=", action);
    // The character after the dot: all of a kind stand between both.
    hold("action <", `${action.slice(0, -1)}/`);
  } else hold("action =", action);
  hold("at >=", since);
  hold("at <", until);
  return { where: conditions.join(" AND "), values };
}

/** A row of the table as the event that it holds. */
export function decodeAuditEvent({ id, at, actor, action, subject, details }: AuditRow): AuditEvent {
  return { id, at, actor, action, subject, ...(details === null ? {} : { details: JSON.parse(details) as Record<string, string> }) };
}
