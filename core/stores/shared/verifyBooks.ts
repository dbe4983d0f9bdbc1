import type { BooksReport } from "../types";
import type { Books } from "./books";
import type { Engine } from "./engine";
import type { BooksEvent } from "./events";
import { dayName, monthName, Rollups } from "./rollups";
import { uncollectedOf, type RollupTable } from "./rollupTable";

/** What the books say at one moment, copied in one go because the history is read while calls go on. */
interface Claimed {
  readonly seq: number;
  readonly pools: readonly { readonly id: string; readonly balanceNano: bigint; readonly heldNano: bigint }[];
  readonly held: ReadonlyMap<string, bigint>;
  readonly openHolds: number;
  readonly totals: ReadonlyMap<string, string>;
}

function tableTotals(into: Map<string, string>, name: string, table: RollupTable): void {
  for (const row of table.rows()) {
    if (row.requests === 0) continue;
    into.set(
      `${name}: ${row.ownerId} ${row.keyId ?? "-"} ${row.model} ${row.via}`,
      `${row.requests} requests, ${row.inputTokens}+${row.outputTokens} tokens, ${row.costNano} nano, ${row.uncollectedNano} uncollected`,
    );
  }
}

function totalsOf(rollups: Rollups): Map<string, string> {
  const totals = new Map<string, string>();
  tableTotals(totals, "all time", rollups.allTime);
  for (const [month, table] of rollups.months) tableTotals(totals, monthName(month), table);
  for (const [day, table] of rollups.days) tableTotals(totals, dayName(day), table);
  return totals;
}

function claim(books: Books): Claimed {
  const held = new Map<string, bigint>();
  for (const hold of books.holds.values()) {
    for (const { pool, amountNano } of hold.lines) held.set(pool, (held.get(pool) ?? 0n) + amountNano);
  }
  return {
    seq: books.seq,
    pools: [...books.pools.values()].map(({ id, balanceNano, heldNano }) => ({ id, balanceNano, heldNano })),
    held,
    openHolds: books.holds.size,
    totals: totalsOf(books.rollups),
  };
}

/** What the history says, added up from its first line. */
class Recount {
  readonly balances = new Map<string, bigint>();
  readonly rollups = new Rollups();
  entries = 0;
  costNano = 0n;
  uncollectedNano = 0n;

  add(event: BooksEvent, seq: number): void {
    if (event.t === "adjust") this.#move(event.adjustment.pool, event.adjustment.amountNano);
    if (event.t !== "settle") return;
    const { entry, prior } = event;
    this.rollups.settle(entry, prior, seq);
    for (const charge of entry.charges) this.#move(charge.pool, -charge.chargedNano);
    this.entries += prior ? 0 : 1;
    this.costNano += entry.costNano - (prior?.costNano ?? 0n);
    this.uncollectedNano += uncollectedOf(entry) - (prior ? uncollectedOf(prior) : 0n);
    if (prior) for (const charge of prior.charges) this.#move(charge.pool, charge.chargedNano);
  }

  #move(pool: string, amountNano: bigint): void {
    this.balances.set(pool, (this.balances.get(pool) ?? 0n) + amountNano);
  }
}

/** Reads the whole history again and holds it against balances, holds and rollups, in memory that does not grow with it. */
export async function verifyBooks(engine: Engine): Promise<BooksReport> {
  engine.assertUsable();
  const claimed = claim(engine.books);
  await engine.durable();
  const recount = new Recount();
  let lastSeq = 0;
  for await (const piece of engine.history.replay(claimed.seq)) {
    for (const { seq, event } of piece) {
      recount.add(event, seq);
      lastSeq = seq;
    }
  }
  const differences: string[] = [];
  if (lastSeq !== claimed.seq) differences.push(`the history ends at ${lastSeq}, the books stand at ${claimed.seq}`);
  for (const pool of claimed.pools) {
    const posted = recount.balances.get(pool.id) ?? 0n;
    const held = claimed.held.get(pool.id) ?? 0n;
    if (posted !== pool.balanceNano) {
      differences.push(`pool ${pool.id}: adjustments less charges are ${posted} nano, its balance is ${pool.balanceNano}`);
    }
    if (held !== pool.heldNano) differences.push(`pool ${pool.id}: open holds are ${held} nano, it holds ${pool.heldNano}`);
    recount.balances.delete(pool.id);
  }
  for (const [pool, nano] of recount.balances) differences.push(`pool ${pool}: ${nano} nano in the history, but there is no pool`);
  const counted = totalsOf(recount.rollups);
  for (const name of new Set([...counted.keys(), ...claimed.totals.keys()])) {
    const [said, found] = [claimed.totals.get(name) ?? "nothing", counted.get(name) ?? "nothing"];
    if (said !== found) differences.push(`totals of ${name}: the history has ${found}, the rollup says ${said}`);
  }
  return {
    exact: differences.length === 0,
    pools: claimed.pools.length,
    entries: recount.entries,
    openHolds: claimed.openHolds,
    costNano: recount.costNano,
    uncollectedNano: recount.uncollectedNano,
    differences,
  };
}
