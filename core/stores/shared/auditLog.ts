import type { AuditEvent, AuditFilter, AuditLog, Page } from "../types";
import type { Engine } from "./engine";
import { historyPage } from "./usageHistory";

const DEFAULT_LIMIT = 50;

/** Who did what to whom: the newest from memory, earlier ones from the history. */
export function createAuditLog(engine: Engine): AuditLog {
  return {
    append: async (event) => {
      engine.assertUsable();
      engine.commit({ t: "audit", event });
      await engine.durable();
    },
    list: async (query = {}): Promise<Page<AuditEvent>> => {
      engine.assertUsable();
      const { audit, auditForgotten } = engine.books;
      const before = query.cursor === undefined ? Infinity : Number(query.cursor);
      const limit = query.limit ?? DEFAULT_LIMIT;
      const found: (typeof audit)[number][] = [];
      // One more than asked for tells whether there is another page.
      for (let at = audit.length - 1; at >= 0 && found.length <= limit; at -= 1) {
        const row = audit[at];
        if (row && row.seq < before && isAskedFor(row.event.event, query)) found.push(row);
      }
      if (found.length <= limit && auditForgotten) {
        const { since = 0, until = Number.MAX_SAFE_INTEGER } = query;
        return historyPage(engine, query, {
          text: '"t":"audit"',
          ...(query.since === undefined && query.until === undefined ? {} : { between: [since, until] as const }),
          pick: (event) => (event.t === "audit" && isAskedFor(event.event, query) ? event.event : undefined),
        });
      }
      const rows = found.slice(0, limit);
      const last = rows.at(-1);
      return { rows: rows.map((row) => row.event.event), ...(last && found.length > limit ? { next: String(last.seq) } : {}) };
    },
  };
}

function isAskedFor(event: AuditEvent, { actor, subject, action, since, until }: AuditFilter): boolean {
  return (
    (actor === undefined || event.actor === actor) &&
    (subject === undefined || event.subject === subject) &&
    (action === undefined || event.action === action || (action.endsWith(".") && event.action.startsWith(action))) &&
    (since === undefined || event.at >= since) &&
    (until === undefined || event.at < until)
  );
}
