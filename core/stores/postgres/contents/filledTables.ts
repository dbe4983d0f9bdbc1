import type { CoinPool } from "../../../domain/coinPool";
import type { Adjustment, LedgerEntry } from "../../../domain/ledgerEntry";
import { encode, encodeEntry } from "../../shared/codec";
import { storable, type ContentsItem } from "../../shared/contents";
import type { AnyRow, CollectionName } from "../../shared/events";
import type { AuditEvent } from "../../types";
import { madeAt } from "../ledger/callTime";
import { termsText } from "../ledger/loadBooks";
import { COLLECTIONS, indexed, RECORD_TABLES } from "../records/tables";
import { BulkTable, type OneAhead } from "./bulkTable";

/** An entry with its place among all. */
export interface PlacedEntry {
  readonly entry: LedgerEntry;
  readonly seq: number;
}

type Message = Extract<ContentsItem, { readonly t: "message" }>;
type File = Extract<ContentsItem, { readonly t: "file" }>;

const poolTable = (on: OneAhead) => new BulkTable<Omit<CoinPool, "heldNano">>(on, "pools", [
  { name: "id", type: "text", of: ({ id }) => id },
  { name: "opened", type: "boolean", of: () => true },
  { name: "balance", type: "numeric", of: ({ balanceNano }) => balanceNano },
  { name: "held", type: "numeric", of: () => 0n },
  { name: "terms", type: "json", of: ({ terms }) => termsText(terms) },
  { name: "refill_from", type: "bigint", of: ({ refillFrom }) => refillFrom },
]);

const adjustmentTable = (on: OneAhead) => new BulkTable<Adjustment>(on, "adjustments", [
  { name: "id", type: "text", of: ({ id }) => id },
  { name: "pool", type: "text", of: ({ pool }) => pool },
  { name: "kind", type: "text", of: ({ kind }) => kind },
  { name: "amount", type: "numeric", of: ({ amountNano }) => amountNano },
  { name: "at", type: "bigint", of: ({ at }) => at },
  { name: "by", type: "text", of: ({ by }) => storable(by) },
  { name: "reason", type: "text", of: ({ reason }) => storable(reason) },
]);

const usageTable = (on: OneAhead) => new BulkTable<PlacedEntry>(on, "usage", [
  { name: "id", type: "text", of: ({ entry }) => entry.id },
  { name: "made_at", type: "bigint", of: ({ entry }) => madeAt(entry) },
  { name: "seq", type: "bigint", of: ({ seq }) => seq },
  { name: "settled_at", type: "bigint", of: ({ entry }) => entry.settledAt },
  { name: "owner_id", type: "text", of: ({ entry }) => entry.ownerId },
  { name: "key_id", type: "text", of: ({ entry }) => entry.keyId ?? null },
  { name: "model", type: "text", of: ({ entry }) => entry.model },
  { name: "via", type: "text", of: ({ entry }) => entry.via },
  { name: "expired", type: "boolean", of: ({ entry }) => entry.flags.includes("expired") },
  { name: "entry", type: "json", of: ({ entry }) => encodeEntry(entry) },
]);

const correctedTable = (on: OneAhead) => new BulkTable<PlacedEntry>(on, "corrected_usage", [
  { name: "seq", type: "bigint", of: ({ seq }) => seq },
  { name: "id", type: "text", of: ({ entry }) => entry.id },
  { name: "entry", type: "json", of: ({ entry }) => encodeEntry(entry) },
]);

const auditTable = (on: OneAhead) => new BulkTable<AuditEvent>(on, "audit_events", [
  { name: "id", type: "text", of: ({ id }) => id },
  { name: "at", type: "bigint", of: ({ at }) => at },
  { name: "actor", type: "text", of: ({ actor }) => storable(actor) },
  { name: "action", type: "text", of: ({ action }) => storable(action) },
  { name: "subject", type: "text", of: ({ subject }) => storable(subject) },
  { name: "details", type: "json", of: ({ details }) => (details ? encode(details) : null) },
]);

function recordTable(on: OneAhead, collection: CollectionName): BulkTable<AnyRow> {
  const { name, columns } = RECORD_TABLES[collection];
  return new BulkTable<AnyRow>(on, name, [
    { name: "id", type: "text", of: ({ id }) => id },
    ...columns.map(({ index, name: column }) => ({ name: column, type: "text" as const, of: (row: AnyRow) => indexed(row, index) })),
    { name: "row", type: "json", of: (row) => encode(row) },
  ]);
}

const messageTable = (on: OneAhead) => new BulkTable<Message>(on, "messages", [
  { name: "conversation_id", type: "text", of: ({ conversationId }) => conversationId },
  { name: "event", type: "json", of: ({ event }) => encode(event) },
]);

const fileTable = (on: OneAhead) => new BulkTable<File>(on, "files", [
  { name: "place", type: "text", of: ({ place }) => place },
  { name: "id", type: "text", of: ({ id }) => id },
  { name: "bytes", type: "bytea", of: ({ bytes }) => bytes },
]);

/** A way into each table that a copy fills. */
export function filledTables(on: OneAhead) {
  return {
    pools: poolTable(on), adjustments: adjustmentTable(on), usage: usageTable(on), corrected: correctedTable(on), audit: auditTable(on),
    messages: messageTable(on), files: fileTable(on),
    records: Object.fromEntries(COLLECTIONS.map((name) => [name, recordTable(on, name)])) as Readonly<Record<CollectionName, BulkTable<AnyRow>>>,
  };
}
