import type { Clock } from "../../../clock";
import type { CallFacts, LedgerEntry } from "../../../domain/ledgerEntry";
import { StoreUnavailable } from "../../../errors/storeErrors";
import type { Engine } from "../../shared/engine";
import { entryOf, bookExpired, settleCall } from "../../shared/settle";
import { extendHold, noteProgress, placeHold, releaseHold } from "../../shared/holds";
import { adjustPool } from "../../shared/ledger";
import { adoptTerms } from "../../shared/pools";
import type { AdjustmentRequest, HoldOutcome, HoldProgress, HoldRequest, Lease, Ledger, Settlement } from "../../types";
import type { Database } from "../database";
import { Batches } from "./batches";
import { madeAt } from "./callTime";
import { changedTerms, countHolds, heldBefore, readHold, readPools } from "./ledgerReads";
import { NodeFiles } from "./nodeFiles";
import { fenceLost, forgetNodes, NodeLease, orphanedHolds } from "./nodeLease";
import type { CallRef, Operation } from "./operation";
import { preparePools } from "./preparePools";
import { Spool } from "./spool";

export interface LedgerOptions {
  readonly database: Database;
  readonly spoolFolder: string;
  readonly now: Clock;
  readonly nodeName?: string;
  readonly pepperId?: string;
  /** The least time between two looks of the server at how far calls have come. */
  readonly progressEveryMs?: number;
  readonly onWarning?: (message: string) => void;
  /** How long a node that is not heard of keeps what it holds (docs/rules.md H6); default 60. */
  readonly leaseSeconds?: number;
  /** Makes the partitions of usage that entries of these moments (epoch ms) need. */
  partitions(moments: readonly number[]): Promise<void>;
}

export interface OpenedLedger {
  readonly ledger: Ledger;
  /** What waits for the server, and the bytes that settlements take on this machine's disk meanwhile. */
  state(): { readonly bytes: number; readonly unsyncedEvents: number };
  close(): Promise<void>;
}

/** Looked for twelve times in the time of a lease. */
const SWEEPS_A_LEASE = 12;
const FORGET_EVERY = 720;
const TERMS_AT_ONCE = 500;
const REPLAY_AT_ONCE = 500;

type Away = (error: StoreUnavailable, sent: boolean) => boolean;

/** The ledger of one process: its place in the batches, its lease, and what it does while the server is away. */
class PostgresLedger implements Ledger {
  readonly #progress = new Map<string, HoldProgress>();
  /** What is on its way to the server. */
  #noting: ReadonlyMap<string, HoldProgress> = new Map();
  readonly #batches: Batches;
  readonly node: NodeLease;
  #progressTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #sweeps = 0;
  #replaying: Promise<void> | undefined;
  #closed = false;

  constructor(private readonly options: LedgerOptions, private readonly spool: Spool) {
    const { database, now, nodeName, pepperId, leaseSeconds, spoolFolder } = options;
    this.node = new NodeLease({ database, now, name: nodeName, pepperId, leaseSeconds, files: new NodeFiles(spoolFolder) });
    const prepare = preparePools(database, (moments) => options.partitions(moments));
    this.#batches = new Batches({
      url: database.options.url, timeoutMs: database.options.timeoutMs, node: this.node, prepare,
      onBack: () => void this.#replay(),
    });
  }

  async open(): Promise<void> {
    await this.node.register();
    await this.#batches.open();
    await this.#replay();
    await this.#sweep();
    this.#scheduleSweep();
  }

  hold(request: HoldRequest, now: number): Promise<HoldOutcome> {
    return this.#do([callOf(request.id, request.facts)], request.lines, (engine) => placeHold(engine, request, now), (reject) => (error, sent) => {
      reject(error);
      // It may stand there after all, for a call that is refused now.
      if (sent) void this.release(request.id).catch(() => undefined);
      return false;
    });
  }

  extend(id: string, moreNano: bigint, now: number): Promise<HoldOutcome> {
    return this.#do([{ id, madeAt: 0 }], [], (engine) => extendHold(engine, id, moreNano, now));
  }

  progress(id: string, progress: HoldProgress): void {
    if (this.#closed) return;
    this.#progress.set(id, progress);
    this.#progressTimer ??= setTimeout(() => this.#flushProgress(), this.options.progressEveryMs ?? 1_000).unref();
  }

  settle(settlement: Settlement): Promise<LedgerEntry> {
    this.#progress.delete(settlement.id);
    const call = callOf(settlement.id, settlement.facts);
    return new Promise((resolve, reject) => {
      this.#batches.add({
        calls: [call], pools: [], run: (engine) => settleCall(engine, settlement), done: resolve, failed: reject,
        away: () => {
          // Booked once the server is back; twice is once (docs/rules.md H3). What it charges is known then.
          this.spool.append(settlement).then(() => resolve(entryOf(settlement, [], settlement.flags)), reject);
          return false;
        },
      });
    });
  }

  release(id: string): Promise<void> {
    this.#progress.delete(id);
    return this.#do([{ id, madeAt: 0 }], [], (engine) => releaseHold(engine, id), () => () => true);
  }

  adjust(request: AdjustmentRequest): ReturnType<Ledger["adjust"]> {
    return this.#do([], [request], (engine) => adjustPool(engine, request), (reject) => (error, sent) => {
      if (!sent) reject(error);
      return sent;
    });
  }

  async pool(id: string, now: number): ReturnType<Ledger["pool"]> {
    return (await readPools(this.options.database, [id], now)).get(id);
  }

  pools(ids: readonly string[], now: number): ReturnType<Ledger["pools"]> {
    return readPools(this.options.database, ids, now);
  }

  async applyTerms(changes: Parameters<Ledger["applyTerms"]>[0], now: number): Promise<void> {
    for (let at = 0; at < changes.length; at += TERMS_AT_ONCE) {
      const changed = await changedTerms(this.options.database, changes.slice(at, at + TERMS_AT_ONCE));
      if (changed.length === 0) continue;
      await this.#do([], changed.map(({ pool }) => ({ pool })), (engine) => {
        for (const { pool: id, terms } of changed) {
          const pool = engine.books.pools.get(id);
          if (pool) adoptTerms(engine, pool, terms, now);
        }
      });
    }
  }

  async expireHolds(placedBefore: number, now: number): Promise<number> {
    this.#flushProgress();
    let count = 0;
    for (;;) {
      const held = await heldBefore(this.options.database, placedBefore);
      if (held.length === 0) return count;
      count += await this.#expire(held, now);
    }
  }

  openHolds(): Promise<number> {
    return countHolds(this.options.database);
  }

  async openHold(id: string): ReturnType<Ledger["openHold"]> {
    const hold = await readHold(this.options.database, id);
    const progress = this.#progress.get(id) ?? this.#noting.get(id);
    return hold && progress ? { ...hold, progress } : hold;
  }

  lease(): Lease {
    return this.node.lease();
  }

  get waiting(): number {
    return this.#batches.waiting;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#progressTimer);
    clearTimeout(this.#sweepTimer);
    this.#flushProgress();
    await this.#replaying;
    await this.#batches.close();
    await this.spool.close();
    await this.node.close().catch(() => undefined);
  }

  #do<T>(calls: readonly CallRef[], pools: Operation["pools"], run: (engine: Engine) => T, away?: (reject: (error: unknown) => void) => Away): Promise<Awaited<T>> {
    return new Promise((resolve, reject) => {
      const refuse: Away = (error) => {
        reject(error);
        return false;
      };
      this.#batches.add({ calls, pools, run, done: resolve, failed: reject, away: away?.(reject) ?? refuse });
    });
  }

  #flushProgress(): void {
    clearTimeout(this.#progressTimer);
    this.#progressTimer = undefined;
    if (this.#progress.size === 0) return;
    const noted = [...this.#progress];
    this.#noting = new Map(noted);
    this.#progress.clear();
    // Best effort: what could not be written is told again with the next progress.
    this.#do(noted.map(([id]) => ({ id, madeAt: 0 })), [], (engine) => {
      for (const [id, progress] of noted) {
        const hold = engine.books.holds.get(id);
        if (hold) noteProgress(engine, hold, progress, 1, 0);
      }
    }).catch(() => undefined);
  }

  #expire(held: readonly { readonly id: string; readonly startedAt: number }[], now: number): Promise<number> {
    return this.#do(held.map((call) => ({ id: call.id, madeAt: madeAt(call) })), [], (engine) => {
      let count = 0;
      for (const { id } of held) {
        const hold = engine.books.holds.get(id);
        if (!hold) continue;
        bookExpired(engine, hold, now);
        count += 1;
      }
      return count;
    });
  }

  /** H6: books what nodes held that are no more. */
  async #sweep(): Promise<void> {
    const { database, now } = this.options;
    await fenceLost(database);
    for (let held = await orphanedHolds(database); held.length > 0; held = await orphanedHolds(database)) await this.#expire(held, now());
    if (this.#sweeps++ % FORGET_EVERY === 0) await forgetNodes(database);
  }

  #scheduleSweep(): void {
    if (this.#closed) return;
    this.#sweepTimer = setTimeout(() => {
      // The next one comes in any case; a server that is away is told by those who need it.
      this.#sweep().catch((error: unknown) => this.#warn(error)).finally(() => this.#scheduleSweep());
    }, this.node.leaseMs / SWEEPS_A_LEASE).unref();
  }

  #replay(): Promise<void> {
    this.#replaying ??= this.spool.replay((settlements) => this.#book(settlements)).then(
      (count) => (count > 0 ? this.options.onWarning?.(`${count} calls that ended while PostgreSQL was away were booked`) : undefined),
      (error: unknown) => this.#warn(error),
    ).finally(() => (this.#replaying = undefined));
    return this.#replaying;
  }

  async #book(settlements: readonly Settlement[]): Promise<void> {
    for (let at = 0; at < settlements.length; at += REPLAY_AT_ONCE) {
      await Promise.all(settlements.slice(at, at + REPLAY_AT_ONCE).map((settlement) =>
        this.#do([callOf(settlement.id, settlement.facts)], [], (engine) => settleCall(engine, settlement))));
    }
  }

  #warn(error: unknown): void {
    if (!(error instanceof StoreUnavailable)) this.options.onWarning?.(`the ledger: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const callOf = (id: string, facts: CallFacts): CallRef => ({ id, madeAt: madeAt({ id, startedAt: facts.startedAt }) });

/** Opens the ledger on a schema that is current: enters this node, books what was left on disk and what nodes left that are no more. */
export async function openLedger(options: LedgerOptions): Promise<OpenedLedger> {
  const spool = await Spool.open(options.spoolFolder, String(options.now()));
  const ledger = new PostgresLedger(options, spool);
  try {
    await ledger.open();
  } catch (error) {
    await ledger.close().catch(() => undefined);
    throw error;
  }
  return { ledger, state: () => ({ bytes: spool.bytes, unsyncedEvents: ledger.waiting }), close: () => ledger.close() };
}
