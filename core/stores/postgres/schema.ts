import { readdir } from "node:fs/promises";
import path from "node:path";
import { runner } from "node-pg-migrate";
import type { Client } from "pg";
import { projectRoot } from "../../environment";
import { StoreRefused } from "../../errors/storeErrors";
import { connect, rowsOf } from "./database";
import { refuseUnfinished } from "./unfinishedCopy";

const MIGRATIONS_TABLE = "migrations";
/** Statements over large tables take as long as they take. */
const UPGRADE_TIMEOUT_MS = 3_600_000;

export type SchemaState =
  | { readonly is: "empty" | "current" }
  /** `missing`: of the migrations that this version knows, those that were not run. */
  | { readonly is: "older"; readonly missing: readonly string[] }
  /** `unknown`: run by a later version. */
  | { readonly is: "newer"; readonly unknown: readonly string[] }
  /** There are tables, but none that say which migrations were run. */
  | { readonly is: "foreign" };

const migrationsFolder = () => path.join(projectRoot(), "core/stores/postgres/migrations");

async function knownMigrations(): Promise<readonly string[]> {
  return (await readdir(migrationsFolder())).filter((name) => name.endsWith(".sql")).map((name) => name.slice(0, -4)).sort();
}

async function stateOf(client: Client): Promise<SchemaState> {
  const tables = (await rowsOf<{ name: string }>(client, "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()")).map(({ name }) => name);
  if (!tables.includes(MIGRATIONS_TABLE)) return { is: tables.length === 0 ? "empty" : "foreign" };
  const run = new Set((await rowsOf<{ name: string }>(client, `SELECT name FROM ${MIGRATIONS_TABLE}`)).map(({ name }) => name));
  if (run.size === 0) return { is: tables.length === 1 ? "empty" : "foreign" };
  const known = await knownMigrations();
  const unknown = [...run].filter((name) => !known.includes(name));
  if (unknown.length > 0) return { is: "newer", unknown };
  const missing = known.filter((name) => !run.has(name));
  return missing.length > 0 ? { is: "older", missing } : { is: "current" };
}

async function upgrade(client: Client): Promise<readonly string[]> {
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const done = await runner({
    dbClient: client, dir: migrationsFolder(), migrationsTable: MIGRATIONS_TABLE, direction: "up", singleTransaction: true,
    // Nodes that start at once: the second one finds everything done.
    advisoryLockMode: "wait", logger: silent,
  });
  return done.map(({ name }) => name);
}

function refuseNewer(unknown: readonly string[]): never {
  throw new StoreRefused(`the database was upgraded by a later version of Lumen (${unknown.join(", ")}): start that version, or restore the backup that was made before the upgrade`);
}

function refuseForeign(): never {
  throw new StoreRefused("the database holds tables that are not Lumen's: give Lumen a database of its own (CREATE DATABASE lumen)");
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect({ url, timeoutMs: UPGRADE_TIMEOUT_MS });
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** How far the schema of a database is. */
export function schemaState(url: string): Promise<SchemaState> {
  return withClient(url, stateOf);
}

/**
 * Sets up an empty database or upgrades an older one, all in one transaction, while others that try the same wait.
 * @returns the names of the migrations that were run
 * @throws StoreRefused for the schema of a later version, and for a database that is not Lumen's
 */
export function migrate(url: string): Promise<readonly string[]> {
  return withClient(url, async (client) => {
    const state = await stateOf(client);
    if (state.is === "newer") refuseNewer(state.unknown);
    if (state.is === "foreign") refuseForeign();
    return state.is === "current" ? [] : upgrade(client);
  });
}

/**
 * What a start needs: the schema of this very version, and no copy that is unfinished. An empty database is set up; an older one waits for
 * somebody to say so, because nodes of the version before may still run on it.
 * @throws StoreRefused with what to do
 */
export async function openSchema(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await refuseUnfinished({ rows: (statement) => rowsOf(client, statement) });
    const state = await stateOf(client);
    if (state.is === "empty") await upgrade(client);
    else if (state.is === "newer") refuseNewer(state.unknown);
    else if (state.is === "foreign") refuseForeign();
    else if (state.is === "older") {
      throw new StoreRefused(`the database is of an earlier version of Lumen (it lacks ${state.missing.join(", ")}): make a backup, then run "lumen store migrate" and start again`);
    }
  });
}
