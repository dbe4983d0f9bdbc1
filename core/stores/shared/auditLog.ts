import type { AuditEvent, AuditLog, Page } from "../types";
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
      let end = audit.length;
      while (end > 0 && (audit[end - 1]?.seq ?? 0) >= before) end -= 1;
      if (end < limit && auditForgotten) {
        return historyPage(engine, query, {
          text: '"t":"audit"',
          pick: (event) => (event.t === "audit" ? event.event : undefined),
        });
      }
      const start = Math.max(0, end - limit);
      const rows = audit.slice(start, end).reverse();
      const last = rows.at(-1);
      return {
        rows: rows.map((row) => row.event.event),
        ...(last && (start > 0 || auditForgotten) ? { next: String(last.seq) } : {}),
      };
    },
  };
}
