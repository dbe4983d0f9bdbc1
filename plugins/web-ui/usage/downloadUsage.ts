import { once } from "node:events";
import { formatCoins } from "../../../core/domain/coins";
import type { LedgerEntry } from "../../../core/domain/ledgerEntry";
import { ownerLabel } from "../../../core/domain/owner";
import { usageStretch } from "../../../core/domain/usagePeriod";
import { findOwner } from "../../../core/services/findOwner";
import type { UsageFilter } from "../../../core/stores/types";
import { csvLines, csvOf } from "../tables/csv";
import type { MemberVisit, Reply } from "../visit";
import { periodOf } from "./showUsage";
import { usageOwner } from "./usageOwner";

const HEAD = [
  "time", "request_id", "owner", "key", "via", "operation", "model", "input_tokens", "cached_input_tokens", "output_tokens",
  "audio_ms", "images", "characters", "coins", "uncollected_coins", "status", "duration_ms", "flags",
];
const PIECE = 5_000;

/** Every call of the period as a line, newest first; sent as it is read, however many there are. Coins are exact. */
export async function downloadUsage(visit: MemberVisit): Promise<Reply> {
  const { deps, res } = visit;
  const owner = await usageOwner(visit);
  const period = periodOf(visit);
  const { unit, names } = usageStretch(period, deps.clock(), 0);
  const filter: UsageFilter = {
    ...(owner ? { ownerId: owner.id } : {}), ...(period === "all" ? {} : { period: { unit, from: names[0] ?? "" } }),
  };
  const name = `usage-${owner ? ownerLabel(owner).replace(/[^\w.-]+/g, "-") : "everyone"}-${period}.csv`;
  res.writeHead(200, { "content-type": "text/csv; charset=utf-8", "content-disposition": `attachment; filename="${name}"` });
  const nameOf = namesOf(visit);
  let head = csvOf(HEAD, []);
  let cursor: string | undefined;
  do {
    const piece = await deps.store.usage.entries({ ...filter, limit: PIECE, ...(cursor === undefined ? {} : { cursor }) });
    const rows: (string | number)[][] = [];
    for (const entry of piece.rows) rows.push(lineOf(entry, await nameOf(entry)));
    if (!res.write(head + csvLines(rows)) && !res.destroyed) await Promise.race([once(res, "drain"), once(res, "close")]);
    head = "";
    cursor = piece.next;
  } while (cursor !== undefined && !res.destroyed);
  res.end();
  return { kind: "own" };
}

function lineOf(entry: LedgerEntry, { owner, key }: { readonly owner: string; readonly key: string }): (string | number)[] {
  let uncollectedNano = 0n;
  for (const charge of entry.charges) if (charge.uncollectedNano > uncollectedNano) uncollectedNano = charge.uncollectedNano;
  const { usage } = entry;
  return [
    new Date(entry.settledAt).toISOString(), entry.id, owner, key, entry.via, entry.operation, entry.model,
    usage.inputTokens, usage.cachedInputTokens, usage.outputTokens, usage.audioMs, usage.images, usage.characters, formatCoins(entry.costNano), formatCoins(uncollectedNano),
    entry.status, entry.durationMs, entry.flags.join(" "),
  ];
}

/** The names of an entry's owner and key, each looked up once. */
function namesOf({ deps }: MemberVisit): (entry: LedgerEntry) => Promise<{ readonly owner: string; readonly key: string }> {
  const owners = new Map<string, string>();
  const keys = new Map<string, string>();
  return async ({ ownerId, keyId = "" }) => {
    let owner = owners.get(ownerId);
    if (owner === undefined) {
      const found = await findOwner(deps, ownerId);
      owners.set(ownerId, (owner = found ? ownerLabel(found) : ownerId));
    }
    let key = keys.get(keyId);
    if (key === undefined) keys.set(keyId, (key = keyId === "" ? "" : ((await deps.store.keys.get(keyId))?.name ?? keyId)));
    return { owner, key };
  };
}
