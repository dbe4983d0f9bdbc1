import type { Client } from "pg";
import { StoreUnavailable } from "../../../errors/storeErrors";
import { uuidv7 } from "../../../ids";
import { asStoreError, BEGIN, connect, isAway, isDuplicate, isRetryable, rowsOf, type ConnectionKind, type Queryable } from "../database";
import { batchEngine } from "./batchEngine";
import { loadBooks } from "./loadBooks";
import type { NodeIdentity } from "./nodeLease";
import type { Operation } from "./operation";
import { bookStatements } from "./writeBooks";

export interface BatchesOptions {
  readonly url: string;
  readonly timeoutMs?: number;
  /** Who places holds; `register` anew once this node was fenced. */
  readonly node: { readonly identity: NodeIdentity; register(): Promise<NodeIdentity> };
  /** What must be there before a batch may lock it, in a transaction of its own. */
  prepare(operations: readonly Operation[]): Promise<void>;
  /** The server is back and everything before is settled. */
  readonly onBack?: () => void;
}

const MOST_OPERATIONS = 1_000;
const ATTEMPTS = 10;
const RECONNECT_MS = 200;
const ID = /^[0-9a-f-]+$/;

/**
 * Every row that a batch asks for is asked for by its key. The server plans a named statement once, and of tables that are empty at that moment (holds most often are) it would read every page
 * from then on: with some 10,000 calls a batch took four times as long.
 */
const FOR_BATCHES: ConnectionKind = { pipeline: true, settings: "-c enable_seqscan=off" };

class Fenced extends Error {}

type Outcome = { readonly result: unknown } | { readonly error: unknown };
type Outcomes = readonly (readonly [Operation, Outcome])[];

/** A batch of which it is unknown whether it was committed. */
interface InDoubt {
  readonly batch: string;
  readonly nodeId: string;
  readonly kept: Outcomes;
}

/**
 * Runs operations in batches, one at a time on a connection of its own: whatever arrives while one is committed is the next. So
 * hundreds of calls on one pool cost one lock and one write to disk.
 */
export class Batches {
  #queue: Operation[] = [];
  #client: Client | undefined;
  #away: StoreUnavailable | undefined;
  #inDoubt: InDoubt | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  #reconnect: NodeJS.Timeout | undefined;

  constructor(private readonly options: BatchesOptions) {}

  async open(): Promise<void> {
    this.#client = await connect(this.options, FOR_BATCHES);
  }

  /** What waits for the server. */
  get waiting(): number {
    return this.#queue.length;
  }

  add(operation: Operation): void {
    if (this.#closed) return operation.failed(new StoreUnavailable("the store is closed"));
    if (this.#away && !operation.away(this.#away, false)) return;
    this.#queue.push(operation);
    this.#start();
  }

  /** Everything that waits is done or refused before it resolves. */
  async close(): Promise<void> {
    while (this.#running) await this.#running;
    this.#closed = true;
    clearTimeout(this.#reconnect);
    const error = new StoreUnavailable("the store is closed");
    for (const [operation] of this.#inDoubt?.kept ?? []) operation.failed(error);
    for (const operation of this.#queue.splice(0)) operation.failed(error);
    await this.#client?.end().catch(() => undefined);
  }

  #start(): void {
    if (this.#running || this.#away) return;
    // What arrives in the same turn rides along.
    this.#running = Promise.resolve().then(() => this.#runAll()).finally(() => {
      this.#running = undefined;
      if (this.#queue.length > 0) this.#start();
    });
  }

  async #runAll(): Promise<void> {
    while (this.#queue.length > 0 && !this.#away) await this.#runOne(this.#queue.splice(0, MOST_OPERATIONS));
  }

  async #runOne(operations: readonly Operation[]): Promise<void> {
    const batch = uuidv7();
    let outcomes: Outcomes = operations.map((operation) => [operation, { error: undefined }]);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.options.prepare(operations);
        await this.#transact(batch, operations, (run) => (outcomes = run));
        return tell(outcomes);
      } catch (error) {
        if (error instanceof Fenced) await this.options.node.register().catch((failed: unknown) => this.#goAway(failed, batch, outcomes));
        else if (isAway(error) || error instanceof StoreUnavailable) this.#goAway(error, batch, outcomes);
        else if ((isRetryable(error) || isDuplicate(error)) && attempt < ATTEMPTS) continue;
        else return this.#isolate(operations, error);
        if (this.#away) return;
      }
    }
  }

  /** One of them cannot be written: the others must not suffer for it. */
  async #isolate(operations: readonly Operation[], error: unknown): Promise<void> {
    if (operations.length === 1) return operations[0]?.failed(error);
    for (const operation of operations) {
      if (!this.#away) await this.#runOne([operation]);
      else if (operation.away(this.#away, false)) this.#queue.push(operation);
    }
  }

  async #transact(batch: string, operations: readonly Operation[], ran: (outcomes: Outcomes) => void): Promise<void> {
    const client = this.#client;
    if (!client) throw new StoreUnavailable("PostgreSQL cannot be reached");
    const node = this.options.node.identity;
    const on: Queryable = { rows: (statement) => rowsOf(client, statement) };
    try {
      await begin(client, node.id, batch);
      const loaded = await loadBooks(on, operations);
      const { engine, changes } = batchEngine(loaded);
      const outcomes: [Operation, Outcome][] = [];
      for (const operation of operations) {
        try {
          outcomes.push([operation, { result: await operation.run(engine) }]);
        } catch (error) {
          outcomes.push([operation, { error }]);
        }
      }
      ran(outcomes);
      // In one trip; the commit is asked for when each of them is known to be done.
      await Promise.all(bookStatements(loaded, changes, node).map((statement) => on.rows(statement)));
      await client.query("COMMIT");
    } catch (error) {
      if (!isAway(error)) await client.query("ROLLBACK");
      throw error;
    }
  }

  #goAway(cause: unknown, batch: string, outcomes: Outcomes): void {
    const error = asStoreError(cause) instanceof StoreUnavailable ? (asStoreError(cause) as StoreUnavailable) : new StoreUnavailable("PostgreSQL cannot be reached", { cause });
    this.#away = error;
    void this.#client?.end().catch(() => undefined);
    this.#client = undefined;
    this.#inDoubt = { batch, nodeId: this.options.node.identity.id, kept: outcomes.filter(([operation]) => operation.away(error, true)) };
    this.#queue = this.#queue.filter((operation) => operation.away(error, false));
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#reconnect = setTimeout(() => void this.#comeBack(), RECONNECT_MS);
  }

  async #comeBack(): Promise<void> {
    try {
      const client = await connect(this.options, FOR_BATCHES);
      if (this.#closed) return void (await client.end().catch(() => undefined));
      this.#client = client;
      await this.#clearDoubt(client);
      this.#away = undefined;
      this.options.onBack?.();
      this.#start();
    } catch {
      void this.#client?.end().catch(() => undefined);
      this.#client = undefined;
      this.#schedule();
    }
  }

  /** The node's row tells; a transaction that may still end holds it until then. */
  async #clearDoubt(client: Client): Promise<void> {
    const doubt = this.#inDoubt;
    if (!doubt) return;
    const [row] = await rowsOf<{ batch: string | null }>(client, { text: "SELECT batch FROM nodes WHERE id = $1 FOR UPDATE", values: [doubt.nodeId] });
    this.#inDoubt = undefined;
    if (row?.batch === doubt.batch) tell(doubt.kept);
    else this.#queue.unshift(...doubt.kept.map(([operation]) => operation));
  }
}

/** The lease is looked at by the server's clock, and the node's row is locked: nobody fences it in the middle of a batch. */
async function begin(client: Client, nodeId: string, batch: string): Promise<void> {
  if (!ID.test(nodeId) || !ID.test(batch)) throw new RangeError("not the id of a node or a batch");
  // One trip for both; ids are checked because a text of several statements takes no parameters.
  const results = (await client.query(`${BEGIN}; UPDATE nodes SET batch = '${batch}' WHERE id = '${nodeId}' AND fenced_at IS NULL AND lease_until > now()`)) as unknown as readonly { readonly rowCount: number | null }[];
  if (results.at(-1)?.rowCount === 1) return;
  throw new Fenced("this node was fenced");
}

function tell(outcomes: Outcomes): void {
  for (const [operation, outcome] of outcomes) {
    if ("error" in outcome) operation.failed(outcome.error);
    else operation.done(outcome.result as never);
  }
}
