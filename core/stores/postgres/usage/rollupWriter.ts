import { dayName, type RollupDifferences, type Rollups } from "../../shared/rollups";
import type { RollupRow } from "../../shared/rollupTable";
import type { Statement } from "../database";
import { tablesByStretch } from "./stretches";

interface TotalsRow { readonly stretch: string; readonly row: RollupRow }
interface HourCount { readonly ownerId: string; readonly day: string; readonly hour: number; readonly requests: number }

const TOTALS = ["requests", "input_tokens", "output_tokens", "cost", "uncollected", "last_used_at"] as const;
const TOTALS_TYPES = ["bigint", "bigint", "bigint", "numeric", "numeric", "bigint"];
const totalsOf: readonly ((of: TotalsRow) => unknown)[] = [
  ({ row }) => row.requests, ({ row }) => row.inputTokens, ({ row }) => row.outputTokens, ({ row }) => row.costNano,
  ({ row }) => row.uncollectedNano, ({ row }) => row.lastUsedAt,
];

/** Rows of one table: the columns of its primary key, and what is added to the others where there is such a row. */
interface TableShape<Row> {
  readonly table: string;
  readonly key: readonly string[];
  readonly added: readonly string[];
  readonly types: readonly string[];
  readonly values: readonly ((row: Row) => unknown)[];
}

const OWNER_TOTALS: TableShape<TotalsRow> = {
  table: "usage_totals", key: ["owner_id", "stretch", "key_id", "via", "model"], added: TOTALS, types: ["text", "text", "text", "text", "text", ...TOTALS_TYPES],
  values: [({ row }) => row.ownerId, ({ stretch }) => stretch, ({ row }) => row.keyId ?? "", ({ row }) => row.via, ({ row }) => row.model, ...totalsOf],
};
const SUMS: TableShape<TotalsRow> = {
  table: "usage_sums", key: ["stretch", "via", "model", "slot"], added: TOTALS, types: ["text", "text", "text", ...TOTALS_TYPES],
  values: [({ stretch }) => stretch, ({ row }) => row.via, ({ row }) => row.model, ...totalsOf],
};
const HOURS: TableShape<HourCount> = {
  table: "usage_hours", key: ["owner_id", "day", "hour"], added: ["requests"], types: ["text", "text", "smallint", "bigint"],
  values: [({ ownerId }) => ownerId, ({ day }) => day, ({ hour }) => hour, ({ requests }) => requests],
};
const HOUR_SUMS: TableShape<HourCount> = {
  table: "usage_hour_sums", key: ["day", "hour", "slot"], added: ["requests"], types: ["text", "smallint", "bigint"],
  values: [({ day }) => day, ({ hour }) => hour, ({ requests }) => requests],
};

const SHAPES: readonly TableShape<never>[] = [OWNER_TOTALS, SUMS, HOURS, HOUR_SUMS];

/** @param first the number of the first parameter that holds a column; `$1` is the slot */
function insertText({ table, key, added, types }: TableShape<never>, first: number): string {
  const given = [...key.filter((column) => column !== "slot"), ...added];
  const arrays = types.map((type, index) => `$${first + index}::${type}[]`).join(", ");
  const sums = added.map((column) => (column === "last_used_at" ? `${column} = greatest(t.${column}, excluded.${column})` : `${column} = t.${column} + excluded.${column}`));
  const slot = key.includes("slot");
  return (
    `INSERT INTO ${table} AS t (${given.join(", ")}${slot ? ", slot" : ""}) SELECT n.*${slot ? ", $1::integer" : ""} FROM unnest(${arrays}) AS n ` +
    `ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${sums.join(", ")}`
  );
}

/** All tables in one statement: it is a part of every batch, and each statement is a way to the server and back. */
function writeText(): string {
  let first = 2;
  const inserts = SHAPES.map((shape) => {
    const text = insertText(shape, first);
    first += shape.types.length;
    return text;
  });
  const last = inserts.pop() ?? "";
  return `WITH ${inserts.map((text, index) => `w${index} AS (${text})`).join(", ")} ${last}`;
}

const WRITE = writeText();

const columnsOf = <Row>({ values }: TableShape<Row>, rows: readonly Row[]): unknown[] => values.map((value) => rows.map(value));

/** In one order on every node, that of the primary key, so that no two batches wait for each other in a circle. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byOwner = (a: TotalsRow, b: TotalsRow): number =>
  compare(a.row.ownerId, b.row.ownerId) || compare(a.stretch, b.stretch) || compare(a.row.keyId ?? "", b.row.keyId ?? "") || compare(a.row.via, b.row.via) || compare(a.row.model, b.row.model);
const byHour = (a: HourCount, b: HourCount): number => compare(a.ownerId, b.ownerId) || compare(a.day, b.day) || a.hour - b.hour;

function* countsOf(ownerId: string, day: string, hours: readonly number[]): Generator<HourCount> {
  for (const [hour, requests] of hours.entries()) if (requests !== 0) yield { ownerId, day, hour, requests };
}

/**
 * Adds what a batch settled to the tables that pages read (docs/rules.md C7): one statement, or none. Its rows are few however many calls there
 * were: those of each owner, key, model and way in, for all time, the month and the day.
 * @param differences filled by the rules that book a call: counts and amounts to be added, below 0 for what a correction took out
 * @param slot this node's: nobody else adds to the sums of all owners under it
 */
export function rollupStatements(differences: RollupDifferences, slot: number): Statement[] {
  return [...rollupPieces(differences, slot, Infinity)];
}

/** The same for the rollups of a whole store: no statement holds more rows of one owner's than `atOnce`. */
export function* rollupPieces(rollups: Rollups, slot: number, atOnce: number): Generator<Statement> {
  const totals: TotalsRow[] = [];
  const sums: TotalsRow[] = [];
  for (const [stretch, table] of tablesByStretch(rollups)) {
    for (const row of table.rows()) totals.push({ stretch, row });
    for (const row of table.everyone()) sums.push({ stretch, row });
  }
  const hours: HourCount[] = [];
  const hourSums: HourCount[] = [];
  for (const [number, { hours: table }] of rollups.days) {
    const day = dayName(number);
    for (const row of table?.rows() ?? []) hours.push(...countsOf(row.ownerId, day, row.hours));
    hourSums.push(...countsOf("", day, table?.of() ?? []));
  }
  totals.sort(byOwner);
  hours.sort(byHour);
  for (let at = 0; at < totals.length || at < hours.length; at += atOnce) {
    const piece = <T>(rows: readonly T[]) => (rows.length <= atOnce && at === 0 ? rows : rows.slice(at, at + atOnce));
    const [firstSums, firstHourSums] = at === 0 ? [sums, hourSums] : [[], []];
    yield {
      name: "write-rollups", text: WRITE,
      values: [slot, ...columnsOf(OWNER_TOTALS, piece(totals)), ...columnsOf(SUMS, firstSums), ...columnsOf(HOURS, piece(hours)), ...columnsOf(HOUR_SUMS, firstHourSums)],
    };
  }
}
