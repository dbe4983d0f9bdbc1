import { Client, Pool, types, type ClientConfig, type PoolClient, type QueryResultRow } from "pg";
import { StoreUnavailable } from "../../errors/storeErrors";

/** A statement with a name is planned once on each connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** What runs statements: the database by any of its connections, or one transaction. */
export interface Queryable {
  /** @throws StoreUnavailable when the server cannot be reached */
  rows<R extends QueryResultRow>(statement: Statement | string): Promise<R[]>;
}

/**
 * Begins a transaction that others may wait for. Where this process stands still in the midst of it, or its network is dead, the server ends it:
 * else its locks would stop every node.
 */
export const BEGIN = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '3s'";

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`, never to be logged. */
  readonly url: string;
  /** Connections for reads and records. Those for batches and for the change feed come on top. */
  readonly connections?: number;
  /** After this an answer is not waited for any longer. */
  readonly timeoutMs?: number;
}

const INT8 = 20;
const NUMERIC = 1700;
const JSON_TYPE = 114;
const CONNECTIONS = 8;
const TIMEOUT_MS = 5_000;

/** Moments and counters are numbers, amounts (`numeric`) are bigints; JSON stays text, which the codec reads. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = { [INT8]: Number, [NUMERIC]: BigInt, [JSON_TYPE]: (text) => text };
const typed = {
  getTypeParser: (oid: number, format?: "text" | "binary") => PARSERS[oid] ?? (types.getTypeParser(oid, format) as (text: string) => unknown),
} as ClientConfig["types"];

/** Connection exceptions, a server that shuts down or starts, and one that lacks what it needs to go on. */
const AWAY_CODE = /^(08|53|57P0|25P03)/;
const AWAY_ERRNO = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN", "ENOENT"]);
const AWAY_TEXT = /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|Client is closed|The client has been closed)/i;

/** Whether the server could not be reached or could not go on, so that it is unknown what came of the last statement. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return AWAY_CODE.test(code) || AWAY_ERRNO.has(code) || AWAY_TEXT.test(error.message) || error instanceof AggregateError;
}

/** Two transactions were in each other's way: both are whole if one is tried again. */
export function isRetryable(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "40001" || error.code === "40P01");
}

/** A unique value is taken. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}

/** @returns the error to throw on: StoreUnavailable, without the address, where the server is away */
export function asStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailable || !isAway(error)) return error;
  return new StoreUnavailable(`PostgreSQL cannot be reached: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/** How one connection differs from the others. */
export interface ConnectionKind {
  /** Statements that are asked for together are sent together, instead of each after the answer to the one before. */
  readonly pipeline?: boolean;
  /** Settings of PostgreSQL, as on its command line. */
  readonly settings?: string;
}

/** One connection that is not shared: for batches, the change feed and the upgrade of a schema. */
export async function connect({ url, timeoutMs = TIMEOUT_MS }: DatabaseOptions, { pipeline = false, settings }: ConnectionKind = {}): Promise<Client> {
  const client = new Client({ ...configOf(url, timeoutMs, settings), query_timeout: timeoutMs, pipeline });
  // Told to whoever waits for a query as well; without a listener it would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    void client.end().catch(() => undefined);
    throw asStoreError(error);
  }
}

function configOf(url: string, timeoutMs: number, settings = ""): ClientConfig {
  const { connectionString, options } = withoutOptions(url);
  // Compiling a statement takes the server half a second, once for each connection; none of ours runs long enough to gain from it.
  return { connectionString, connectionTimeoutMillis: timeoutMs, keepAlive: true, application_name: "lumen", types: typed, options: `${options} -c jit=off ${settings}` };
}

/** Takes the `options` of a URL out of it: pg would take them instead of ours. */
function withoutOptions(url: string): { readonly connectionString: string; readonly options: string } {
  if (!url.includes("options=") || !URL.canParse(url)) return { connectionString: url, options: "" };
  const target = new URL(url);
  const options = target.searchParams.get("options") ?? "";
  target.searchParams.delete("options");
  return { connectionString: target.toString(), options };
}

export async function rowsOf<R extends QueryResultRow>(client: Pick<Client | PoolClient, "query">, statement: Statement | string): Promise<R[]> {
  const query = typeof statement === "string" ? { text: statement } : { name: statement.name, text: statement.text, values: statement.values && [...statement.values] };
  return (await client.query<R>(query)).rows;
}

/** One connection on which statements may be asked for while another one runs: each waits for those before it. */
export function inTurn(client: Client): Queryable {
  let last: Promise<unknown> = Promise.resolve();
  return {
    rows: <R extends QueryResultRow>(statement: Statement | string) => {
      const rows = last.then(() => rowsOf<R>(client, statement));
      last = rows.catch(() => undefined);
      return rows;
    },
  };
}

/** The server, for everything that needs no connection of its own. */
export class Database implements Queryable {
  readonly #pool: Pool;

  constructor(readonly options: DatabaseOptions) {
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#pool = new Pool({ ...configOf(options.url, timeoutMs), query_timeout: timeoutMs, max: options.connections ?? CONNECTIONS });
    this.#pool.on("error", () => undefined);
  }

  async rows<R extends QueryResultRow>(statement: Statement | string): Promise<R[]> {
    try {
      return await rowsOf<R>(this.#pool, statement);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  /** Commits what `work` did, or nothing of it. @throws what it throws; StoreUnavailable also when it is unknown whether it was committed */
  async transaction<T>(work: (on: Queryable) => Promise<T>, begin = BEGIN): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw asStoreError(error);
    });
    let broken: Error | undefined;
    // Told to whoever waits for a query as well; without a listener it would end the process.
    const lost = () => undefined;
    client.on("error", lost);
    try {
      await client.query(begin);
      const result = await work({ rows: (statement) => rowsOf(client, statement) });
      await client.query("COMMIT");
      return result;
    } catch (error) {
      if (isAway(error)) broken = error as Error;
      else await client.query("ROLLBACK").catch((failed: unknown) => (broken = failed as Error));
      throw asStoreError(error);
    } finally {
      client.off("error", lost);
      client.release(broken);
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
