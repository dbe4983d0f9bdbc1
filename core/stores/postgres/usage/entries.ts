import type { Adjustment, LedgerEntry } from "../../../domain/ledgerEntry";
import { timeOfUuidV7 } from "../../../ids";
import { pageFrom, pageOf, type PageQuery } from "../../shared/historyPages";
import { DAY_MS } from "../../shared/rollups";
import { momentsOf } from "../../shared/usagePeriods";
import type { UsageFilter, UsageHistory } from "../../types";
import type { Queryable, Statement } from "../database";
import { read } from "../ledger/loadBooks";
import { addFilter, Conditions } from "./conditions";

/**
 * A call is booked after it was made, and at most this much later: two days that a call may take, and five for a hold of a cluster that
 * stood still over a long weekend. Earlier partitions are not looked at.
 */
const BOOKED_WITHIN_MS = 7 * DAY_MS;
/** Clocks of nodes may differ. */
const CLOCKS_MS = DAY_MS / 24;

interface EntryRow { readonly seq: number; readonly entry: string }
interface AdjustmentRow { readonly seq: number; readonly id: string; readonly kind: Adjustment["kind"]; readonly amount: bigint; readonly at: number; readonly by: string; readonly reason: string }

export function entriesStatement(query: UsageFilter & PageQuery): Statement {
  const { before, limit } = pageOf(query);
  const conditions = addFilter(new Conditions(), query).add("seq < ?", before).add("owner_id = ?", query.ownerId);
  if (query.period) {
    const [from, to] = momentsOf(query.period);
    conditions.add("settled_at >= ?", from).add("made_at >= ?", from - BOOKED_WITHIN_MS);
    if (to !== Infinity) conditions.add("settled_at <= ?", to).add("made_at <= ?", to + CLOCKS_MS);
  }
  const newest = ` ORDER BY seq DESC LIMIT ${limit + 1}`;
  if (query.ownerIds === undefined) return { text: `SELECT seq, entry FROM usage${conditions.where}${newest}`, values: conditions.values };
  // The newest of each owner, by the index, and of these the newest.
  const owners = conditions.value([...new Set(query.ownerIds)]);
  return {
    text: `SELECT e.seq, e.entry FROM unnest(${owners}::text[]) AS o (id) CROSS JOIN LATERAL (SELECT seq, entry FROM usage${conditions.add("owner_id = o.id").where}${newest}) AS e${newest}`,
    values: conditions.values,
  };
}

/** The time in a call's id tells its one partition; an id that tells none is looked for in the index of each. */
export function entryStatement(id: string): Statement {
  const conditions = new Conditions().add("id = ?", id).add("made_at = ?", timeOfUuidV7(id));
  return { text: `SELECT seq, entry FROM usage${conditions.where} ORDER BY seq DESC LIMIT 1`, values: conditions.values };
}

export function adjustmentsStatement(query: { readonly pool: string } & PageQuery): Statement {
  const { before, limit } = pageOf(query);
  const conditions = new Conditions().add("pool = ?", query.pool).add("seq < ?", before);
  return { text: `SELECT seq, id, kind, amount, at, by, reason FROM adjustments${conditions.where} ORDER BY seq DESC LIMIT ${limit + 1}`, values: conditions.values };
}

/** Single calls and movements, newest first. A corrected call has its row once (docs/rules.md H6). */
export function createEntries(on: Queryable): Pick<UsageHistory, "entries" | "entry" | "adjustments"> {
  return {
    entries: async (query) => {
      const rows = await on.rows<EntryRow>(entriesStatement(query));
      return pageFrom(rows.map(({ seq, entry }) => ({ seq, found: read<LedgerEntry>(entry) })), pageOf(query).limit);
    },
    entry: async (id) => {
      const [row] = await on.rows<EntryRow>(entryStatement(id));
      return row && read<LedgerEntry>(row.entry);
    },
    adjustments: async (query) => {
      const rows = await on.rows<AdjustmentRow>(adjustmentsStatement(query));
      return pageFrom(
        rows.map(({ seq, id, kind, amount, at, by, reason }) => ({ seq, found: { id, pool: query.pool, kind, amountNano: amount, at, by, reason } })),
        pageOf(query).limit,
      );
    },
  };
}
