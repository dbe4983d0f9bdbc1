import type { CallFacts, LedgerEntry } from "../../../domain/ledgerEntry";
import type { HoldLine } from "../../../domain/hold";
import type { ContentsEvent, ContentsItem } from "../../shared/contents";
import type { AuditEvent, HoldProgress } from "../../types";
import type { Queryable } from "../database";
import { read, readTerms } from "../ledger/loadBooks";
import { decodeAuditEvent, type AuditRow } from "../records/auditEvents";
import { decodeEvent } from "../records/conversations";
import { COLLECTIONS, decodeRow, RECORD_TABLES } from "../records/tables";
import { mergeHistory } from "./mergeHistory";

interface PoolRecord { readonly id: string; readonly balance: bigint; readonly terms: string; readonly refill_from: number }
interface AdjustmentRecord {
  readonly id: string; readonly pool: string; readonly kind: "grant"; readonly amount: bigint; readonly at: number; readonly by: string; readonly reason: string;
}
interface EntryRecord { readonly corrected: boolean; readonly entry: string }
interface HoldRecord { readonly id: string; readonly placed_at: number; readonly facts: string; readonly lines: string; readonly progress: string | null }

const ROWS_AT_ONCE = 500;
const MESSAGES_AT_ONCE = 500;
/** Each is as large as an upload may be. */
const FILES_AT_ONCE = 4;

/** The rows of a question in pieces, as they are asked for. */
async function* fetched<R extends object, T>(on: Queryable, cursor: string, query: string, itemOf: (row: R) => T, atOnce = ROWS_AT_ONCE): AsyncGenerator<readonly T[]> {
  await on.rows(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${query}`);
  const fetch = () => {
    const rows = on.rows<R>(`FETCH ${atOnce} FROM ${cursor}`);
    // Told to whoever comes for them.
    rows.catch(() => undefined);
    return rows;
  };
  for (let next = fetch(); ; ) {
    const rows = await next;
    const isLast = rows.length < atOnce;
    // The server looks for the next ones while these are worked on.
    if (!isLast) next = fetch();
    if (rows.length > 0) yield rows.map(itemOf);
    if (isLast) break;
  }
  await on.rows(`CLOSE ${cursor}`);
}

const poolOf = ({ id, balance, terms, refill_from }: PoolRecord): ContentsItem =>
  ({ t: "pool", pool: { id, balanceNano: balance, terms: readTerms(terms), refillFrom: refill_from } });

const adjustmentOf = ({ amount, ...row }: AdjustmentRecord): ContentsEvent => ({ t: "adjust", adjustment: { ...row, amountNano: amount } });

const auditOf = (row: AuditRow): { readonly t: "audit"; readonly event: AuditEvent } => ({ t: "audit", event: decodeAuditEvent(row) });

/** Corrected entries stand before the entry that took their place, which is told from others by them. */
function entryReader(): (row: EntryRecord) => ContentsEvent {
  const corrected = new Map<string, LedgerEntry>();
  return ({ corrected: isCorrected, entry: text }) => {
    const entry = read<LedgerEntry>(text);
    const prior = corrected.get(entry.id);
    if (isCorrected) corrected.set(entry.id, entry);
    return prior ? { t: "settle", entry, prior } : { t: "settle", entry };
  };
}

const holdOf = ({ id, placed_at, facts, lines, progress }: HoldRecord): ContentsItem => ({
  t: "hold", id, at: placed_at, lines: read<HoldLine[]>(lines), facts: read<CallFacts>(facts),
  ...(progress === null ? {} : { progress: read<HoldProgress>(progress) }),
});

/** All that the tables hold, in one transaction whose questions see one moment. */
export async function* readContents(on: Queryable): AsyncGenerator<readonly ContentsItem[]> {
  yield* fetched(on, "all_pools", "SELECT id, balance, terms, refill_from FROM pools WHERE opened", poolOf);
  yield* mergeHistory(
    fetched(on, "all_adjustments", "SELECT id, pool, kind, amount, at, by, reason FROM adjustments ORDER BY seq", adjustmentOf),
    fetched(on, "all_entries", "SELECT seq, false AS corrected, entry FROM usage UNION ALL SELECT seq, true, entry FROM corrected_usage ORDER BY seq", entryReader()),
    fetched(on, "all_audit_events", "SELECT seq, id, at, actor, action, subject, details FROM audit_events ORDER BY seq", auditOf),
  );
  yield* fetched(on, "all_holds", "SELECT id, placed_at, facts, lines, progress FROM holds", holdOf);
  for (const collection of COLLECTIONS) {
    const { name } = RECORD_TABLES[collection];
    yield* fetched(on, `all_${name}`, `SELECT row FROM ${name}`, ({ row }: { readonly row: string }): ContentsItem => ({ t: "put", collection, row: decodeRow(collection, row) }));
  }
  yield* fetched(on, "all_messages", "SELECT conversation_id, event FROM messages ORDER BY conversation_id, seq",
    (row: { readonly conversation_id: string; readonly event: string }): ContentsItem => ({ t: "message", conversationId: row.conversation_id, event: decodeEvent(row.event) }), MESSAGES_AT_ONCE);
  yield* fetched(on, "all_files", "SELECT place, id, bytes FROM files",
    ({ place, id, bytes }: { readonly place: string; readonly id: string; readonly bytes: Buffer }): ContentsItem => ({ t: "file", place, id, bytes }), FILES_AT_ONCE);
}
