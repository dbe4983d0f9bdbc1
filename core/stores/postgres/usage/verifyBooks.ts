import type { Client } from "pg";
import { systemClock, type Clock } from "../../../clock";
import type { BooksReport } from "../../types";
import { asStoreError, connect, rowsOf, type DatabaseOptions } from "../database";
import { keptSince } from "./maintenance";
import { ALL_TIME, nameOfStretch, stretchesOf } from "./stretches";

/** Reading ten million calls again takes minutes. */
const TIMEOUT_MS = 3_600_000;
/** Of each kind; more would not be read. */
const MOST_DIFFERENCES = 1_000;

/** One look at everything, while calls go on; sorting and hashing in memory as far as this one connection may. */
const BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '128MB'; SET LOCAL temp_buffers = '64MB'; SET LOCAL jit = off";

const KEY = "owner_id, key_id, via, model";
const MONTH = "'M' || to_char(to_timestamp(settled_at / 1000) AT TIME ZONE 'UTC', 'YYYY-MM')";
const DAY = "to_char(to_timestamp(settled_at / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')";

/** What the entries add up to, by stretch and the key of a rollup. Most calls are paid whole: for them the lines of the charges are not read. */
const countedText = (table: string, stretch: string, where = ""): string =>
  `CREATE TEMPORARY TABLE ${table} ON COMMIT DROP AS
  SELECT (${stretch}) COLLATE "C" AS stretch, owner_id, coalesce(key_id, '') COLLATE "C" AS key_id, via, model, count(*) AS requests,
    sum(coalesce((entry -> 'usage' ->> 'inputTokens')::bigint, 0))::bigint AS input_tokens, sum(coalesce((entry -> 'usage' ->> 'outputTokens')::bigint, 0))::bigint AS output_tokens,
    sum((entry ->> 'costNano')::numeric) AS cost,
    sum(CASE WHEN entry::text ~ '"uncollectedNano":"[^0]' THEN (SELECT max((c ->> 'uncollectedNano')::numeric) FROM json_array_elements(entry -> 'charges') AS c) ELSE 0 END) AS uncollected
  FROM usage ${where} GROUP BY 1, 2, 3, 4, 5`;

const TOTALS = (of: string): string =>
  `${of}.requests || ' requests, ' || ${of}.input_tokens || '+' || ${of}.output_tokens || ' tokens, ' || ${of}.cost || ' nano, ' || ${of}.uncollected || ' uncollected'`;

/** Both sides without what was taken back to nothing; every row that is not the same on both. */
function differencesText(history: string, rollup: string, key: string): string {
  const [found, said] = [TOTALS("h"), TOTALS("r")];
  return (
    `SELECT ${key}, coalesce(${found}, 'nothing') AS found, coalesce(${said}, 'nothing') AS said FROM (${history}) AS h FULL JOIN (${rollup}) AS r USING (${key}) ` +
    `WHERE (${found}) IS DISTINCT FROM (${said}) ORDER BY ${key} LIMIT ${MOST_DIFFERENCES}`
  );
}

const COUNTS = "requests, input_tokens, output_tokens, cost, uncollected";
const ADDED = "sum(requests)::bigint AS requests, sum(input_tokens)::bigint AS input_tokens, sum(output_tokens)::bigint AS output_tokens, sum(cost) AS cost, sum(uncollected) AS uncollected";

const POOLS = `WITH posted AS (
    SELECT pool, sum(amount) AS nano FROM (
      SELECT pool, amount FROM adjustments
      UNION ALL SELECT (c ->> 'pool') COLLATE "C", -(c ->> 'chargedNano')::numeric FROM usage, json_array_elements(entry -> 'charges') AS c WHERE entry::text NOT LIKE '%"charges":[]%') AS moved GROUP BY 1),
  lines AS (SELECT (l ->> 'pool') COLLATE "C" AS pool, sum((l ->> 'amountNano')::numeric) AS nano FROM holds, json_array_elements(lines) AS l GROUP BY 1)
  SELECT coalesce(p.id, posted.pool, lines.pool) AS pool, p.id IS NULL AS missing, coalesce(p.balance, 0) AS balance, coalesce(p.held, 0) AS held,
    coalesce(posted.nano, 0) AS posted, coalesce(lines.nano, 0) AS lines
  FROM pools AS p FULL JOIN posted ON posted.pool = p.id FULL JOIN lines ON lines.pool = coalesce(p.id, posted.pool)
  WHERE coalesce(posted.nano, 0) <> coalesce(p.balance, 0) OR coalesce(lines.nano, 0) <> coalesce(p.held, 0) ORDER BY 1 LIMIT ${MOST_DIFFERENCES}`;

interface PoolDifference { readonly pool: string; readonly missing: boolean; readonly balance: bigint; readonly held: bigint; readonly posted: bigint; readonly lines: bigint }
interface TotalsDifference { readonly stretch: string; readonly owner_id?: string; readonly key_id?: string; readonly via: string; readonly model: string; readonly found: string; readonly said: string }
interface HourDifference { readonly day: string; readonly hour: number; readonly owner_id?: string; readonly found: number; readonly said: number }

/** A question to the one snapshot. */
type Ask = <R extends object>(text: string, values?: readonly unknown[]) => Promise<R[]>;

async function poolDifferences(ask: Ask): Promise<string[]> {
  return (await ask<PoolDifference>(POOLS)).flatMap(({ pool, missing, balance, held, posted, lines }) => {
    if (missing && posted !== 0n) return [`pool ${pool}: ${posted} nano in the history, but there is no pool`];
    return [
      ...(posted === balance ? [] : [`pool ${pool}: adjustments less charges are ${posted} nano, its balance is ${balance}`]),
      ...(lines === held ? [] : [`pool ${pool}: open holds are ${lines} nano, it holds ${held}`]),
    ];
  });
}

/** Totals of all time and of the months and days that are kept, of each owner against the entries and of all together against each owner's. */
async function totalsDifferences(ask: Ask, oldest: { readonly day: string; readonly month: string; readonly dayAt: number }): Promise<string[]> {
  const [months, days] = [[oldest.month, stretchesOf("month")[1]], [oldest.day, stretchesOf("day")[1]]];
  await ask(countedText("counted_months", MONTH));
  await ask(countedText("counted_days", DAY, `WHERE settled_at >= ${oldest.dayAt}`));
  await ask("ANALYZE counted_months, counted_days");
  const differences: TotalsDifference[] = [];
  for (const { counted, stretches } of [
    { counted: `SELECT '' COLLATE "C" AS stretch, ${KEY}, ${ADDED} FROM counted_months GROUP BY ${KEY}`, stretches: [ALL_TIME, ALL_TIME] },
    { counted: `SELECT stretch, ${KEY}, ${COUNTS} FROM counted_months WHERE stretch BETWEEN $1 AND $2`, stretches: months },
    { counted: `SELECT stretch, ${KEY}, ${COUNTS} FROM counted_days WHERE stretch BETWEEN $1 AND $2`, stretches: days },
  ]) {
    const within = "WHERE stretch BETWEEN $1 AND $2";
    const owners = `SELECT stretch, ${KEY}, ${COUNTS} FROM usage_totals ${within} AND requests <> 0`;
    differences.push(...(await ask<TotalsDifference>(differencesText(counted, owners, `stretch, ${KEY}`), stretches)));
    const together = (table: string) => `SELECT stretch, via, model, ${ADDED} FROM ${table} ${within} GROUP BY stretch, via, model HAVING sum(requests) <> 0`;
    differences.push(...(await ask<TotalsDifference>(differencesText(together("usage_totals"), together("usage_sums"), "stretch, via, model"), stretches)));
  }
  return differences.map(({ stretch, owner_id, key_id, via, model, found, said }) => {
    const whose = owner_id === undefined ? "everybody" : `${owner_id} ${key_id === undefined || key_id === "" ? "-" : key_id}`;
    return `totals of ${stretch === ALL_TIME ? "all time" : nameOfStretch(stretch)}: ${whose} ${model} ${via}: the history has ${found}, the rollup says ${said}`;
  });
}

async function hourDifferences(ask: Ask, oldest: { readonly day: string; readonly dayAt: number }): Promise<string[]> {
  const compare = (counted: string, hours: string, key: string) =>
    `SELECT ${key}, coalesce(h.requests, 0) AS found, coalesce(r.requests, 0) AS said FROM (${counted}) AS h FULL JOIN (${hours}) AS r USING (${key}) ` +
    `WHERE coalesce(h.requests, 0) <> coalesce(r.requests, 0) ORDER BY ${key} LIMIT ${MOST_DIFFERENCES}`;
  const counted = `SELECT owner_id, (${DAY}) COLLATE "C" AS day, (settled_at / 3600000 % 24)::smallint AS hour, count(*) AS requests FROM usage WHERE settled_at >= ${oldest.dayAt} GROUP BY 1, 2, 3`;
  const together = (table: string) => `SELECT day, hour, sum(requests)::bigint AS requests FROM ${table} WHERE day >= $1 GROUP BY day, hour`;
  const differences = [
    ...(await ask<HourDifference>(compare(counted, "SELECT owner_id, day, hour, requests FROM usage_hours WHERE day >= $1", "owner_id, day, hour"), [oldest.day])),
    ...(await ask<HourDifference>(compare(together("usage_hours"), together("usage_hour_sums"), "day, hour"), [oldest.day])),
  ];
  return differences.map(({ owner_id = "everybody", day, hour, found, said }) => `hours of ${day}: ${owner_id} at ${hour}: the history has ${found} requests, the rollup says ${said}`);
}

async function verify(client: Client, now: number): Promise<BooksReport> {
  const ask: Ask = (text, values) => rowsOf(client, { text, values });
  await client.query(BEGIN);
  const oldest = await keptSince({ rows: (statement) => rowsOf(client, statement) }, now);
  // A day more: a node whose clock is ahead may have begun to remove the oldest.
  const kept = { month: stretchesOf("month", { from: oldest.afterMonth })[0], day: oldest.afterDay, dayAt: Date.parse(oldest.afterDay) };
  const differences = [...(await poolDifferences(ask)), ...(await totalsDifferences(ask, kept)), ...(await hourDifferences(ask, kept))];
  const [sums] = await ask<{ pools: number; openHolds: number; entries: number; cost: bigint; uncollected: bigint }>(
    `SELECT (SELECT count(*) FROM pools WHERE opened) AS pools, (SELECT count(*) FROM holds) AS "openHolds", coalesce(sum(requests), 0)::bigint AS entries,
      coalesce(sum(cost), 0) AS cost, coalesce(sum(uncollected), 0) AS uncollected FROM counted_months`,
  );
  await client.query("ROLLBACK");
  if (!sums) throw new Error("the books could not be read");
  return {
    exact: differences.length === 0, pools: sums.pools, entries: sums.entries, openHolds: sums.openHolds,
    costNano: sums.cost, uncollectedNano: sums.uncollected, differences,
  };
}

/**
 * Holds balances, holds and rollups against every adjustment and every entry, in one snapshot and on a connection of its own, for as long as
 * it takes. @throws StoreUnavailable when the server cannot be reached
 */
export async function verifyBooks({ url }: Pick<DatabaseOptions, "url">, now: Clock = systemClock): Promise<BooksReport> {
  const client = await connect({ url, timeoutMs: TIMEOUT_MS });
  try {
    return await verify(client, now());
  } catch (error) {
    throw asStoreError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
