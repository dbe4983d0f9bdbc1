import { admit, type HoldLine } from "../../domain/hold";
import { StoreConflict } from "../../errors/storeErrors";
import type { HoldOutcome, HoldProgress, HoldRequest, OpenHold } from "../types";
import { availableIn, type Books, type HoldRow } from "./books";
import type { Engine } from "./engine";
import { mergeLines, preparePool, refill, refusal } from "./pools";

const NO_LINES: readonly HoldLine[] = [];

/** The first pool whose lines do not fit, or undefined when `admit` took them all. */
function shortPool(books: Books, lines: readonly HoldLine[], zeroIsFree: boolean | undefined): string | undefined {
  const available = new Map<string, bigint>();
  const balances = new Map<string, bigint>();
  const requests = { lines: lines.map(({ pool, amountNano }) => ({ pool, wantNano: amountNano })), zeroIsFree };
  const look = () => {
    for (const { pool } of lines) {
      const row = books.pools.get(pool);
      if (!row) continue;
      available.set(pool, availableIn(row));
      balances.set(pool, row.balanceNano);
    }
  };
  look();
  if (admit(available, [requests], balances)[0] === true) return undefined;
  const alone = requests.lines.find((line) => {
    look();
    return admit(available, [{ lines: [line], zeroIsFree }], balances)[0] !== true;
  });
  return (alone ?? lines[0])?.pool ?? "";
}

/** Whoever asks whether it is durable has it written now; a call that settles soon asks with its settlement. */
function admitted(engine: Engine): HoldOutcome {
  return {
    ok: true,
    get durable() {
      return engine.durable();
    },
  };
}

/** Sets coins aside before a call: all of its pools or none, once per id (docs/rules.md H1, H2, H5, P8). */
export function placeHold(engine: Engine, request: HoldRequest, now: number): HoldOutcome {
  const { books } = engine;
  if (books.holds.has(request.id)) return admitted(engine);
  // A call that ended is not held for again: it would run without ever being booked.
  if (books.recent.has(request.id)) throw new StoreConflict(`the call ${request.id} was booked already`);
  let lines = NO_LINES;
  for (const { pool: id, terms, wantNano } of request.lines) {
    const pool = preparePool(engine, id, terms, now);
    if (terms.kind === "blocked") return refusal(id, pool);
    // H5: an unlimited pool takes no hold.
    if (terms.kind === "limited") lines = [...lines, { pool: id, amountNano: wantNano }];
  }
  lines = mergeLines(lines);
  const short = lines.length === 0 ? undefined : shortPool(books, lines, request.zeroIsFree);
  if (short !== undefined) return refusal(short, books.pools.get(short));
  engine.commit({ t: "hold", id: request.id, at: now, lines, facts: request.facts, progress: request.progress });
  return admitted(engine);
}

/** H4: adds to each line of a hold, all or none. A hold that is not there any more has nothing to extend. */
export function extendHold(engine: Engine, id: string, moreNano: bigint, now: number): HoldOutcome {
  const { books } = engine;
  const hold = books.holds.get(id);
  if (!hold) return { ok: false, pool: "", availableNano: 0n, balanceNano: 0n };
  if (moreNano < 0n) throw new RangeError("a hold is extended by an amount of 0 or more");
  if (moreNano === 0n || hold.lines.length === 0) return admitted(engine);
  const lines: HoldLine[] = [];
  for (const { pool: name } of hold.lines) {
    const pool = books.pools.get(name);
    if (!pool) return refusal(name, pool);
    refill(engine, pool, now);
    if (pool.terms.kind === "blocked") return refusal(name, pool);
    lines.push({ pool: name, amountNano: moreNano });
  }
  const short = shortPool(books, lines, false);
  if (short !== undefined) return refusal(short, books.pools.get(short));
  engine.commit({ t: "extend", id, lines });
  return admitted(engine);
}

/** Keeps what a crash would book (H6); it reaches the journal at most once in `everyMs` for each hold. */
export function noteProgress(engine: Engine, hold: HoldRow, progress: HoldProgress, now: number, everyMs: number): void {
  if (hold.progressAt !== 0 && now - hold.progressAt < everyMs) {
    hold.progress = progress;
    return;
  }
  hold.progressAt = now;
  engine.commit({ t: "progress", id: hold.id, progress });
}

/** Ends a hold at nothing, leaving no entry (H3). */
export function releaseHold(engine: Engine, id: string): void {
  const hold = engine.books.holds.get(id);
  if (hold) engine.commit({ t: "release", id, held: hold.lines });
}

/** A copy for those outside: the row itself goes on changing. */
export function viewHold({ id, facts, placedAt, lines, progress }: HoldRow): OpenHold {
  const heldNano = lines.reduce((most, { amountNano }) => (amountNano > most ? amountNano : most), 0n);
  return { id, facts, placedAt, heldNano, ...(progress ? { progress } : {}) };
}
