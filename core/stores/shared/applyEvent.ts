import type { HoldLine } from "../../domain/hold";
import { AUDIT_KEPT, type Books, type HoldRow, type PoolRow } from "./books";
import type { AdjustEvent, BooksEvent, HoldEvent, PoolEvent, SettleEvent } from "./events";

/**
 * The one place where the state changes, live and in a replay. A row that already holds `seq` (it was read from a checkpoint
 * written after the event) is left alone.
 */
export function applyEvent(books: Books, event: BooksEvent, seq: number): void {
  books.seq = seq;
  switch (event.t) {
    case "hold": return applyHold(books, event, seq);
    case "settle": return applySettle(books, event, seq);
    case "extend": return applyExtend(books, event.id, event.lines, seq);
    case "release":
      for (const line of event.held) hold(books, line, -line.amountNano, seq);
      books.holds.delete(event.id);
      return;
    case "progress": {
      const row = books.holds.get(event.id);
      if (!row || row.seq >= seq) return;
      row.progress = event.progress;
      row.seq = seq;
      return;
    }
    case "pool": return applyPool(books, event, seq);
    case "adjust": return applyAdjust(books, event, seq);
    case "put": return books.collections[event.collection].put(event.row, seq);
    case "delete": return books.collections[event.collection].delete(event.id, seq);
    case "audit":
      if ((books.audit.at(-1)?.seq ?? 0) >= seq) return;
      books.audit.push({ seq, event });
      // Trimmed in one go now and then, not by a shift per event.
      if (books.audit.length > AUDIT_KEPT * 1.25) {
        books.audit.splice(0, books.audit.length - AUDIT_KEPT);
        books.auditForgotten = true;
      }
      return;
    case "mark": return;
  }
}

function hold(books: Books, line: HoldLine, changeNano: bigint, seq: number): void {
  const pool = books.pools.get(line.pool);
  if (!pool || pool.seq >= seq) return;
  pool.heldNano += changeNano;
  pool.seq = seq;
}

function applyHold(books: Books, event: HoldEvent, seq: number): void {
  for (const line of event.lines) hold(books, line, line.amountNano, seq);
  const before = books.holds.get(event.id);
  if (before && before.seq >= seq) return;
  const row: HoldRow = {
    id: event.id,
    lines: event.lines.map((line) => ({ pool: line.pool, amountNano: line.amountNano })),
    placedAt: event.at,
    facts: event.facts,
    progress: event.progress,
    progressAt: 0,
    seq,
  };
  books.holds.set(event.id, row);
}

function applyExtend(books: Books, id: string, lines: readonly HoldLine[], seq: number): void {
  for (const line of lines) hold(books, line, line.amountNano, seq);
  const row = books.holds.get(id);
  if (!row || row.seq >= seq) return;
  for (const line of lines) {
    const held = row.lines.find(({ pool }) => pool === line.pool);
    if (held) held.amountNano += line.amountNano;
  }
  row.seq = seq;
}

function applySettle(books: Books, event: SettleEvent, seq: number): void {
  const { entry, prior } = event;
  const behind = (id: string): PoolRow | undefined => {
    const pool = books.pools.get(id);
    return pool && pool.seq < seq ? pool : undefined;
  };
  for (const line of event.held) {
    const pool = behind(line.pool);
    if (pool) pool.heldNano -= line.amountNano;
  }
  for (const charge of entry.charges) {
    const pool = behind(charge.pool);
    if (pool) pool.balanceNano -= charge.chargedNano;
  }
  if (prior) {
    for (const charge of prior.charges) {
      const pool = behind(charge.pool);
      if (pool) pool.balanceNano += charge.chargedNano;
    }
  }
  // Only now: the pools of the three lists are the same ones.
  for (const line of event.held) stamp(books, line.pool, seq);
  for (const charge of entry.charges) stamp(books, charge.pool, seq);
  if (prior) for (const charge of prior.charges) stamp(books, charge.pool, seq);
  if (event.priorSeq !== undefined) books.superseded.add(event.priorSeq);
  books.holds.delete(entry.id);
  books.recent.set(entry.id, seq, entry.flags.includes("expired") && !prior);
  books.rollups.settle(entry, prior, seq);
}

function stamp(books: Books, id: string, seq: number): void {
  const pool = books.pools.get(id);
  if (pool && pool.seq < seq) pool.seq = seq;
}

function applyPool(books: Books, event: PoolEvent, seq: number): void {
  const pool = books.pools.get(event.id);
  if (!pool || pool.seq >= seq) return;
  pool.terms = event.terms;
  pool.refillFrom = event.refillFrom;
  pool.seq = seq;
}

function applyAdjust(books: Books, event: AdjustEvent, seq: number): void {
  const { pool: id, amountNano, at } = event.adjustment;
  let pool = books.pools.get(id);
  if (!pool && event.terms) {
    pool = { id, balanceNano: 0n, heldNano: 0n, terms: event.terms, refillFrom: at, seq: 0 };
    books.pools.set(id, pool);
  }
  if (!pool || pool.seq >= seq) return;
  pool.balanceNano += amountNano;
  if (event.refillFrom !== undefined) pool.refillFrom = event.refillFrom;
  pool.seq = seq;
}
