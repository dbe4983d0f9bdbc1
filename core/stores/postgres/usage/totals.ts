import type { UsageFilter, UsageGroup, UsageHistory, UsagePeriod, UsageTotals } from "../../types";
import type { Queryable, Statement } from "../database";
import { addFilter, Conditions } from "./conditions";
import { ALL_TIME, nameOfStretch, stretchesOf } from "./stretches";

interface TotalsRow {
  readonly requests: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost: bigint;
  readonly uncollected: bigint;
  readonly last_used_at: number;
}

/** A sum of `bigint` is a `numeric` for PostgreSQL; the counts fit. */
const SUMS =
  "coalesce(sum(requests), 0)::bigint AS requests, coalesce(sum(input_tokens), 0)::bigint AS input_tokens, coalesce(sum(output_tokens), 0)::bigint AS output_tokens, " +
  "coalesce(sum(cost), 0) AS cost, coalesce(sum(uncollected), 0) AS uncollected, coalesce(max(last_used_at), 0) AS last_used_at";

const COLUMN: Readonly<Record<UsageGroup, string>> = { ownerId: "owner_id", keyId: "key_id", model: "model", via: "via", day: "stretch", month: "stretch" };

const totalsOf = (row: TotalsRow | undefined): UsageTotals => ({
  requests: row?.requests ?? 0, inputTokens: row?.input_tokens ?? 0, outputTokens: row?.output_tokens ?? 0,
  costNano: row?.cost ?? 0n, uncollectedNano: row?.uncollected ?? 0n, lastUsedAt: row?.last_used_at ?? 0,
});

/** The sums of all owners where nobody asks for an owner or a key, else the rows of the owners. */
function source(filter: UsageFilter, group?: UsageGroup): { readonly table: string; readonly conditions: Conditions } {
  const { ownerId, ownerIds, keyId, period } = filter;
  const conditions = new Conditions();
  const unit = group === "day" || group === "month" ? group : period?.unit;
  if (unit === undefined) conditions.add("stretch = ?", ALL_TIME);
  else conditions.add("stretch BETWEEN ? AND ?", ...stretchesOf(unit, period));
  addFilter(conditions, filter);
  if (ownerId === undefined && ownerIds === undefined && keyId === undefined && group !== "ownerId" && group !== "keyId") return { table: "usage_sums", conditions };
  conditions.add("owner_id = ?", ownerId).add("owner_id = ANY(?::text[])", ownerIds);
  // The index by key knows no other rows.
  if (keyId !== undefined) conditions.add("key_id <> ''");
  return { table: "usage_totals", conditions };
}

export function totalsStatement(filter: UsageFilter): Statement {
  const { table, conditions } = source(filter);
  return { text: `SELECT ${SUMS} FROM ${table}${conditions.where}`, values: conditions.values };
}

/** What was taken back to nothing by corrections is not there. */
export function totalsByStatement(group: UsageGroup, filter: UsageFilter): Statement {
  const { table, conditions } = source(filter, group);
  const inOrder = group === "day" || group === "month" ? " ORDER BY 1" : "";
  return {
    text: `SELECT ${COLUMN[group]} AS name, ${SUMS} FROM ${table}${conditions.where} GROUP BY 1 HAVING sum(requests) <> 0${inOrder}`,
    values: conditions.values,
  };
}

export function hoursStatement({ ownerId, period }: { readonly ownerId?: string; readonly period?: UsagePeriod }): Statement {
  const conditions = new Conditions().add("day BETWEEN ? AND ?", ...stretchesOf("day", period)).add("owner_id = ?", ownerId);
  return {
    text: `SELECT day, hour, sum(requests)::bigint AS requests FROM ${ownerId === undefined ? "usage_hour_sums" : "usage_hours"}${conditions.where} ` +
      "GROUP BY day, hour HAVING sum(requests) > 0 ORDER BY day, hour",
    values: conditions.values,
  };
}

/** Sums from the rollups, which the ledger keeps with each batch (docs/rules.md C7). */
export function createTotals(on: Queryable): Pick<UsageHistory, "totals" | "totalsBy" | "hours"> {
  return {
    totals: async (filter) => totalsOf((await on.rows<TotalsRow>(totalsStatement(filter)))[0]),
    totalsBy: async (group, filter) => {
      const rows = await on.rows<TotalsRow & { readonly name: string }>(totalsByStatement(group, filter));
      return new Map(rows.map((row) => [group === "month" ? nameOfStretch(row.name) : row.name, totalsOf(row)]));
    },
    hours: async (question) => {
      const days = new Map<string, number[]>();
      for (const { day, hour, requests } of await on.rows<{ day: string; hour: number; requests: number }>(hoursStatement(question))) {
        let hours = days.get(day);
        if (!hours) days.set(day, (hours = new Array<number>(24).fill(0)));
        hours[hour] = requests;
      }
      return days;
    },
  };
}
