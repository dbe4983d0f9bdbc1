import { chargeFor, type Charge } from "../../domain/hold";
import type { EntryFlag, LedgerEntry } from "../../domain/ledgerEntry";
import { NO_USAGE } from "../../domain/usage";
import type { Settlement } from "../types";
import { availableIn, type HoldRow } from "./books";
import type { Engine } from "./engine";
import type { BooksEvent } from "./events";
import { refill } from "./pools";

const NO_CHARGES: readonly Charge[] = Object.freeze([]);
/** What the log of a server calls a client closed request; the caller never saw an answer. */
const STATUS_EXPIRED = 499;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The entry of a call as it is booked with these charges. */
export function entryOf(settlement: Settlement, charges: readonly Charge[], flags: readonly EntryFlag[]): LedgerEntry {
  const { facts } = settlement;
  const entry: Mutable<LedgerEntry> = {
    id: settlement.id,
    ownerId: facts.ownerId,
    via: facts.via,
    operation: facts.operation,
    model: facts.model,
    price: facts.price,
    startedAt: facts.startedAt,
    usage: settlement.usage,
    costNano: settlement.costNano,
    charges,
    settledAt: settlement.settledAt,
    durationMs: Math.max(0, settlement.settledAt - facts.startedAt),
    status: settlement.status,
    flags,
  };
  if (facts.keyId !== undefined) entry.keyId = facts.keyId;
  if (settlement.endpoint !== undefined) entry.endpoint = settlement.endpoint;
  if (settlement.firstTokenMs !== undefined) entry.firstTokenMs = settlement.firstTokenMs;
  return entry;
}

/** Books a call that has a hold: from the hold first, then from what is available, never below 0 (docs/rules.md H3). */
function bookHold(engine: Engine, hold: HoldRow, settlement: Settlement): LedgerEntry {
  let charges = NO_CHARGES;
  for (const line of hold.lines) {
    const pool = engine.books.pools.get(line.pool);
    if (!pool) continue;
    // Hours that ended while the call ran are added to the balance that they found, before it is charged (P6).
    refill(engine, pool, settlement.settledAt);
    const charge = chargeFor(line.pool, settlement.costNano, line.amountNano, availableIn(pool));
    charges = charges.length === 0 ? [charge] : [...charges, charge];
  }
  const entry = entryOf(settlement, charges, settlement.flags);
  engine.commit({ t: "settle", entry, held: hold.lines });
  return entry;
}

/** H6: what is recorded of a call whose process ended or whose lease ran out. */
export function bookExpired(engine: Engine, hold: HoldRow, now: number): LedgerEntry {
  const { progress } = hold;
  return bookHold(engine, hold, {
    id: hold.id, facts: hold.facts,
    usage: progress?.usage ?? NO_USAGE,
    costNano: progress?.costNano ?? 0n,
    endpoint: progress?.endpoint,
    settledAt: now, status: STATUS_EXPIRED, flags: ["expired"],
  });
}

/** H6: the truth comes after the hold had expired. The new entry takes the old one's place; both stay in the journal. */
function correct(engine: Engine, prior: LedgerEntry, priorSeq: number, settlement: Settlement): LedgerEntry {
  const charges = prior.charges.map((charged) => {
    const pool = engine.books.pools.get(charged.pool);
    if (pool) refill(engine, pool, settlement.settledAt);
    return chargeFor(charged.pool, settlement.costNano, charged.chargedNano, pool ? availableIn(pool) : 0n);
  });
  const entry = entryOf(settlement, charges, [...settlement.flags, "late"]);
  engine.commit({ t: "settle", entry, held: [], prior, priorSeq });
  return entry;
}

const settled = (event: BooksEvent | undefined): LedgerEntry | undefined => (event?.t === "settle" ? event.entry : undefined);

/** Not held and not open: settled before, expired, or never held at all. */
async function settleWithoutHold(engine: Engine, settlement: Settlement): Promise<LedgerEntry> {
  for (;;) {
    const known = engine.books.recent.get(settlement.id);
    if (!known) {
      // Never held: nothing to charge, but it was used, and that is said.
      const entry = entryOf(settlement, NO_CHARGES, settlement.flags);
      engine.commit({ t: "settle", entry, held: [] });
      await engine.durable();
      return entry;
    }
    await engine.durable();
    const inForce = settled(await engine.history.at(known.seq));
    if (!inForce) throw new Error(`the entry of ${settlement.id} is not in the history`);
    if (!known.expired) return inForce;
    engine.assertUsable();
    // While the entry was read another call may have corrected it.
    if (engine.books.recent.get(settlement.id)?.seq !== known.seq) continue;
    const entry = correct(engine, inForce, known.seq, settlement);
    await engine.durable();
    return entry;
  }
}

/** Ends a hold exactly once, however often it is called (H3, H6). */
export function settleCall(engine: Engine, settlement: Settlement): Promise<LedgerEntry> {
  const hold = engine.books.holds.get(settlement.id);
  if (!hold) return settleWithoutHold(engine, settlement);
  const entry = bookHold(engine, hold, settlement);
  return engine.durable().then(() => entry);
}
