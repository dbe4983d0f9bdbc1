import type { Adjustment } from "../../../domain/ledgerEntry";
import { encode, encodeEntry, encodeFacts, encodeLines } from "../../shared/codec";
import type { SettleEvent } from "../../shared/events";
import type { Statement } from "../database";
import { rollupStatements } from "../usage/rollupWriter";
import type { BatchChanges } from "./batchEngine";
import { madeAt } from "./callTime";
import { termsText, type LoadedBooks } from "./loadBooks";
import type { NodeIdentity } from "./nodeLease";

/** Parts the JSON texts of one parameter: JSON itself never holds it. An array of texts costs more to quote and to read. */
const SEPARATOR = "\u001e";
const TEXTS = "string_to_array(%, E'\\x1e')";
const texts = (parameter: string): string => TEXTS.replace("%", parameter);
const joined = (parts: readonly string[]): string => parts.join(SEPARATOR);

/** The statements that bring the tables to what the books say after a batch: pools and holds as they are now, and what was booked. */
export function bookStatements(loaded: LoadedBooks, changes: BatchChanges, node: NodeIdentity): Statement[] {
  return [
    ...poolStatements(loaded), ...holdStatements(loaded, node.id), ...usageStatements(changes.settled),
    ...adjustmentStatements(changes.adjusted), ...rollupStatements(loaded.rollups, node.slot),
  ];
}

function poolStatements({ books }: LoadedBooks): Statement[] {
  const changed = [...books.pools.values()].filter(({ seq }) => seq > 0);
  if (changed.length === 0) return [];
  return [{
    name: "write-pools",
    text: `UPDATE pools AS p SET opened = true, balance = n.balance, held = n.held, terms = n.terms::json, refill_from = n.refill_from
      FROM unnest($1::text[], $2::numeric[], $3::numeric[], $4::bigint[], ${texts("$5")}) AS n (id, balance, held, refill_from, terms) WHERE p.id = n.id`,
    values: [
      changed.map(({ id }) => id), changed.map(({ balanceNano }) => balanceNano), changed.map(({ heldNano }) => heldNano),
      changed.map(({ refillFrom }) => refillFrom), joined(changed.map(({ terms }) => termsText(terms))),
    ],
  }];
}

function holdStatements({ books, holdIds }: LoadedBooks, nodeId: string): Statement[] {
  const statements: Statement[] = [];
  const ended = [...holdIds].filter((id) => !books.holds.has(id));
  if (ended.length > 0) statements.push({ name: "end-holds", text: "DELETE FROM holds WHERE id = ANY($1)", values: [ended] });
  const changed = [...books.holds.values()].filter(({ seq }) => seq > 0);
  const placed = changed.filter(({ id }) => !holdIds.has(id));
  if (placed.length > 0) {
    statements.push({
      name: "place-holds",
      text: `INSERT INTO holds (id, node_id, placed_at, facts, lines, progress)
        SELECT id, $2, placed_at, facts::json, lines::json, nullif(progress, '')::json
        FROM unnest($1::text[], $3::bigint[], ${texts("$4")}, ${texts("$5")}, ${texts("$6")}) AS n (id, placed_at, facts, lines, progress)`,
      values: [
        placed.map(({ id }) => id), nodeId, placed.map(({ placedAt }) => placedAt), joined(placed.map(({ facts }) => encodeFacts(facts))),
        joined(placed.map(({ lines }) => encodeLines(lines))), progressTexts(placed),
      ],
    });
  }
  const went = changed.filter(({ id }) => holdIds.has(id));
  if (went.length > 0) {
    statements.push({
      name: "change-holds",
      text: `UPDATE holds AS h SET lines = n.lines::json, progress = nullif(n.progress, '')::json
        FROM unnest($1::text[], ${texts("$2")}, ${texts("$3")}) AS n (id, lines, progress) WHERE h.id = n.id`,
      values: [went.map(({ id }) => id), joined(went.map(({ lines }) => encodeLines(lines))), progressTexts(went)],
    });
  }
  return statements;
}

/** Where an array is the shorter one, because a single empty text is read as no element, there is a NULL. */
const progressTexts = (rows: readonly { readonly progress?: unknown }[]): string =>
  joined(rows.map(({ progress }) => (progress === undefined ? "" : encode(progress))));

function usageStatements(settled: readonly SettleEvent[]): Statement[] {
  const statements: Statement[] = [];
  const fresh = settled.filter(({ prior }) => !prior).map(({ entry }) => entry);
  if (fresh.length > 0) {
    statements.push({
      name: "book-usage",
      text: `INSERT INTO usage (id, made_at, settled_at, owner_id, key_id, model, via, expired, entry)
        SELECT id, made_at, settled_at, owner_id, nullif(key_id, ''), model, via, expired, entry::json
        FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], ${texts("$9")})
          AS n (id, made_at, settled_at, owner_id, key_id, model, via, expired, entry)`,
      values: [
        fresh.map(({ id }) => id), fresh.map(madeAt), fresh.map(({ settledAt }) => settledAt), fresh.map(({ ownerId }) => ownerId),
        fresh.map(({ keyId }) => keyId ?? ""), fresh.map(({ model }) => model), fresh.map(({ via }) => via),
        fresh.map(({ flags }) => flags.includes("expired")), joined(fresh.map(encodeEntry)),
      ],
    });
  }
  for (const { entry, prior } of settled) {
    if (!prior) continue;
    statements.push(
      { name: "keep-corrected", text: "INSERT INTO corrected_usage (seq, id, entry) SELECT seq, id, entry FROM usage WHERE id = $1 AND made_at = $2", values: [entry.id, madeAt(entry)] },
      {
        name: "correct-usage",
        text: `UPDATE usage SET seq = nextval('usage_seq'), settled_at = $3, expired = false, entry = $4, owner_id = $5, key_id = $6, model = $7, via = $8
          WHERE id = $1 AND made_at = $2`,
        values: [entry.id, madeAt(entry), entry.settledAt, encodeEntry(entry), entry.ownerId, entry.keyId ?? null, entry.model, entry.via],
      },
    );
  }
  return statements;
}

function adjustmentStatements(adjusted: readonly Adjustment[]): Statement[] {
  if (adjusted.length === 0) return [];
  return [{
    name: "adjust",
    text: `INSERT INTO adjustments (id, pool, kind, amount, at, by, reason)
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::bigint[], $6::text[], $7::text[])`,
    values: [
      adjusted.map(({ id }) => id), adjusted.map(({ pool }) => pool), adjusted.map(({ kind }) => kind), adjusted.map(({ amountNano }) => amountNano),
      adjusted.map(({ at }) => at), adjusted.map(({ by }) => by), adjusted.map(({ reason }) => reason),
    ],
  }];
}
