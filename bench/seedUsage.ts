import type { Client } from "pg";
import { connect, rowsOf } from "../core/stores/postgres/database";
import { monthBounds, monthsFrom, partitionOf } from "../core/stores/postgres/usage/partitions";
import { DAY_MS, dayOf, DAYS_KEPT } from "../core/stores/shared/rollups";

export interface SeededUsage {
  /** Calls, evenly over the months. */
  readonly rows: number;
  readonly months: number;
  /** The first has one call in fifty, so that somebody's pages have much to add up; of the others the earlier ones have more. All are UUIDs. */
  readonly ownerIds: readonly string[];
  readonly models: readonly string[];
  /** Epoch ms; the last call is made before. */
  readonly now: number;
}

const TIMEOUT_MS = 3_600_000;
const KEYS_EACH = 2;
const MODELS_EACH = 5;
/** Each call is the same size, so that what the rollups must say is a product. */
const [INPUT, OUTPUT, COST] = [1_200, 300, 900_000];
const LONGEST_MS = 60_000;

/** One month of calls as the ledger writes them, in the order of time, before its table becomes a partition and gets its indexes. */
const callsText = (table: string, models: number, owners: number): string => `INSERT INTO ${table} (id, made_at, settled_at, owner_id, key_id, model, via, expired, entry)
  SELECT id, made_at, settled_at, owner_id, key_id, model, via, false, ('{"id":"' || id || '","ownerId":"' || owner_id || '",' || coalesce('"keyId":"' || key_id || '",', '') || '"via":"' || via ||
    '","operation":"chat","model":"' || model || '","price":{"inputPerMillionNano":"500000000","outputPerMillionNano":"1000000000"},"startedAt":' || made_at ||
    ',"endpoint":"e1","usage":{"inputTokens":${INPUT},"outputTokens":${OUTPUT}},"costNano":"${COST}","charges":[{"pool":"' || owner_id || '","chargedNano":"${COST}","uncollectedNano":"0"}],"settledAt":' || settled_at ||
    ',"durationMs":' || settled_at - made_at || ',"firstTokenMs":200,"status":200,"flags":[]}')::json
  FROM (
    SELECT substr(t, 1, 8) || '-' || substr(t, 9, 4) || '-7' || substr(h, 1, 3) || '-8' || substr(h, 4, 3) || '-' || substr(h, 7, 12) AS id, made_at, settled_at, owner_id, model,
      CASE WHEN key = 0 THEN NULL ELSE owner_id || '-k' || key END AS key_id, CASE WHEN key = 0 THEN 'chat' ELSE 'api' END AS via
    FROM (
      SELECT made_at, lpad(to_hex(made_at), 12, '0') AS t, md5(made_at || '-' || i) AS h, made_at + 200 + (random() * ${LONGEST_MS})::int AS settled_at, (($3::uuid[])[owner + 1])::text AS owner_id,
        ($4::text[])[(owner * 31 + floor(${MODELS_EACH} * random() ^ 2)::int * 61) % ${models} + 1] AS model, floor(random() * ${KEYS_EACH + 1})::int AS key
      FROM (
        SELECT i, $1::bigint + (($2::bigint - $1::bigint) * (i::float8 / $5::int))::bigint AS made_at, CASE WHEN i % 50 = 0 THEN 0 ELSE floor(${owners} * random() ^ 2)::int END AS owner
        FROM generate_series(0, $5::int - 1) AS i
      ) AS moment
    ) AS call
  ) AS row`;

/** Epoch ms of the first day of which totals are kept. */
const firstDayOf = (now: number): number => (dayOf(now) - DAYS_KEPT + 1) * DAY_MS;

const DAY = "to_char(to_timestamp(settled_at / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')";
const MONTH = "'M' || to_char(to_timestamp(settled_at / 1000) AT TIME ZONE 'UTC', 'YYYY-MM')";

const totalsText = (stretch: string, from: string): string =>
  `SELECT ${stretch} AS stretch, owner_id, coalesce(key_id, '') AS key_id, via, model, count(*) AS requests, count(*) * ${INPUT} AS input_tokens, count(*) * ${OUTPUT} AS output_tokens, count(*) * ${COST} AS cost,
    0 AS uncollected, max(settled_at) AS last_used_at, min(settled_at) AS first_at FROM ${from} GROUP BY 1, 2, 3, 4, 5`;

/** What the calls of one partition add to the rollups, in the order in which they are first used, as in a real year. */
function rollupTexts(table: string, firstDayAt: number): readonly string[] {
  const kept = `${table} WHERE settled_at >= ${firstDayAt}`;
  return [
    `INSERT INTO usage_totals SELECT stretch, owner_id, key_id, via, model, requests, input_tokens, output_tokens, cost, uncollected, last_used_at
      FROM (${totalsText(MONTH, table)} UNION ALL ${totalsText(DAY, kept)}) AS t ORDER BY first_at`,
    `INSERT INTO usage_hours SELECT owner_id, ${DAY}, (settled_at / 3600000 % 24)::smallint, count(*) FROM ${kept} GROUP BY 1, 2, 3 ORDER BY min(settled_at)`,
  ];
}

const ADDED = "sum(requests), sum(input_tokens), sum(output_tokens), sum(cost), sum(uncollected), max(last_used_at)";
const SUMS = [
  `INSERT INTO usage_totals SELECT '', owner_id, key_id, via, model, ${ADDED} FROM usage_totals WHERE stretch > 'M' GROUP BY 2, 3, 4, 5`,
  `INSERT INTO usage_sums SELECT stretch, via, model, 0, ${ADDED} FROM usage_totals GROUP BY 1, 2, 3`,
  "INSERT INTO usage_hour_sums SELECT day, hour, 0, sum(requests) FROM usage_hours GROUP BY 1, 2",
];

/** Indexes are made of a whole table sooner than row by row. @returns what makes them again */
async function dropIndexes(client: Client, table: string): Promise<readonly string[]> {
  const indexes = await rowsOf<{ name: string; text: string; primary: boolean }>(client, {
    text: `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS text, i.indisprimary AS primary FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid WHERE i.indrelid = $1::regclass`, values: [table],
  });
  for (const { name, primary } of indexes) await rowsOf(client, primary ? `ALTER TABLE ${table} DROP CONSTRAINT ${name}` : `DROP INDEX ${name}`);
  return indexes.flatMap(({ name, text, primary }) => [text, ...(primary ? [`ALTER TABLE ${table} ADD CONSTRAINT ${name} PRIMARY KEY USING INDEX ${name}`] : [])]);
}

/** Every owner's pool was opened with more than they spent. */
const POOLS = [
  `INSERT INTO adjustments (id, pool, kind, amount, at, by, reason) SELECT 'opening-' || owner_id, owner_id, 'opening', sum(cost) + 1000000000, 0, 'system', 'opening' FROM usage_totals WHERE stretch = '' GROUP BY owner_id`,
  `INSERT INTO pools SELECT pool, true, 1000000000, 0, '{"kind":"limited","maxNano":"1000000000","refreshNanoPerHour":"0","startingNano":"1000000000"}', 0 FROM adjustments`,
];

async function seedMonth(client: Client, month: string, count: number, { ownerIds, models, now }: SeededUsage): Promise<void> {
  const table = partitionOf(month);
  const [from, to] = monthBounds(Date.parse(month));
  await rowsOf(client, "BEGIN");
  // Made and filled in one transaction, where `wal_level` is minimal it writes no log.
  await rowsOf(client, `CREATE TABLE ${table} (LIKE usage INCLUDING DEFAULTS)`);
  await rowsOf(client, { text: callsText(table, models.length, ownerIds.length), values: [from, Math.min(to, now) - LONGEST_MS - 1_000, ownerIds, models, count] });
  for (const text of rollupTexts(table, firstDayOf(now))) await rowsOf(client, text);
  await rowsOf(client, `ALTER TABLE usage ATTACH PARTITION ${table} FOR VALUES FROM (${from}) TO (${to})`);
  await rowsOf(client, "COMMIT");
}

/**
 * Fills an empty database, in which the schema is and no partition yet, with calls and all that the ledger would have written with them: rollups,
 * pools and their openings. The books are exact.
 * @param url of a role that may create tables
 */
export async function seedUsage(url: string, seeded: SeededUsage, onMonth: (month: string) => void | Promise<void> = () => undefined): Promise<void> {
  const client = await connect({ url, timeoutMs: TIMEOUT_MS });
  try {
    await rowsOf(client, "SET synchronous_commit = off; SET work_mem = '256MB'; SET maintenance_work_mem = '256MB'; SET jit = off; SELECT setseed(0.5)");
    const indexes = await dropIndexes(client, "usage_totals");
    const first = new Date(seeded.now);
    first.setUTCMonth(first.getUTCMonth() - seeded.months + 1, 1);
    const months = monthsFrom(first.getTime(), seeded.months);
    for (const [index, month] of months.entries()) {
      const [before, after] = [index, index + 1].map((at) => Math.round((seeded.rows * at) / months.length));
      await seedMonth(client, month, (after ?? 0) - (before ?? 0), seeded);
      await onMonth(month);
    }
    for (const text of [...SUMS, ...indexes, ...POOLS]) await rowsOf(client, text);
    await onMonth("sums and pools");
    await rowsOf(client, "VACUUM ANALYZE");
  } finally {
    await client.end();
  }
}
