import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { migrate } from "../../core/stores/postgres/schema";
import { findPostgresPrograms, startPostgresServer } from "./postgresServer";

/** A database that belongs to one test. */
export interface TestDatabase {
  /** `postgres://user:password@host:port/name` */
  readonly url: string;
  /** Ends the connections that are left, and removes it. */
  drop(): Promise<void>;
}

interface Shared {
  readonly url: string;
  /** A database with the schema of a store, to be copied. */
  readonly template: TestDatabase;
  close(): Promise<void>;
}

/** What all tests of this process share: `PG_TEST_URL`, or a server of our own that starts with the first database. */
let shared: Promise<Shared> | undefined;

async function openShared(): Promise<Shared> {
  const given = process.env["PG_TEST_URL"];
  const own = given ? undefined : await startPostgresServer();
  const url = given ?? own?.url ?? "";
  const template = await createDatabase({ url });
  await migrate(template.url);
  return { url, template, close: () => (own ? own.close() : template.drop()) };
}

/** An empty database: on the shared server, or on one that is named. */
export async function createDatabase(server?: { readonly url: string }, template = "template1"): Promise<TestDatabase> {
  const { url: serverUrl } = server ?? (await (shared ??= openShared()));
  const name = `lumen_test_${randomBytes(6).toString("hex")}`;
  await ask(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => ask(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** A database on the shared server with the schema of a store, and nothing in it: sooner there than an empty one is set up. */
export async function createStoreDatabase(): Promise<TestDatabase> {
  const server = await (shared ??= openShared());
  return createDatabase(server, new URL(server.template.url).pathname.slice(1));
}

/** Ends the shared server, if one was started. For the end of a run. */
export async function closePostgres(): Promise<void> {
  const opened = shared;
  shared = undefined;
  await (await opened?.catch(() => undefined))?.close();
}

/** @returns whether there is a server for tests, or one can be started */
export function hasPostgres(): boolean {
  return Boolean(process.env["PG_TEST_URL"]) || findPostgresPrograms() !== undefined;
}

/** Use in place of `describe` for what needs PostgreSQL: without it, it is skipped, saying so. */
export function describeOnPostgres(title: string, tests: (this: Mocha.Suite) => void): void {
  if (hasPostgres()) describe(title, tests);
  else describe.skip(`${title} (skipped: no PostgreSQL found; install postgresql or set PG_TEST_URL)`, tests);
}

async function ask(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
