import path from "node:path";
import type { Environment } from "../core/environment";
import type { StoreContents } from "../core/stores/shared/contents";
import type { ContentsDigest } from "../core/stores/shared/contentsDigest";
import { CliError } from "./cliError";

/** Where settlements wait on this machine while PostgreSQL is away (core/openStore.ts). */
export const spoolFolderOf = ({ dataFolder }: Pick<Environment, "dataFolder">): string => path.join(dataFolder, "settlements");

/** Where a store is: a data folder, or a database of PostgreSQL. */
export type StorePlace =
  | { readonly folder: string; readonly shown: string }
  /** `shown` has neither user nor password. */
  | { readonly url: string; readonly shown: string };

const VARIABLE = /^env:(.*)$/;
const ADDRESS = /^postgres(ql)?:\/\//;

/**
 * Reads a place as it was typed: a folder, an address, or `env:NAME` for what a variable holds, so that no password stands in the list of
 * processes.
 * @throws CliError for a variable that is not set and an address that cannot be read; no message holds an address
 */
export function placeOf(text: string, env: NodeJS.ProcessEnv = process.env): StorePlace {
  const name = VARIABLE.exec(text)?.[1];
  const place = name === undefined ? text : env[name];
  if (!place) throw new CliError(name === undefined ? "a place is missing" : `the variable ${name} is not set`);
  if (!ADDRESS.test(place)) return { folder: path.resolve(place), shown: path.resolve(place) };
  if (!URL.canParse(place)) throw new CliError("the address of a database cannot be read: postgres://user:password@host:5432/database, with %40 for an @ in the password");
  const { host, pathname } = new URL(place);
  return { url: place, shown: `postgres://${host}${pathname}` };
}

/**
 * What is read in a place that nobody serves from, once what is held there is booked (docs/rules.md H6).
 * @param spoolFolder where settlements of this machine wait while PostgreSQL is away
 */
async function contentsOf(place: StorePlace, spoolFolder: string): Promise<StoreContents> {
  if ("url" in place) {
    const { openDatabaseContents } = await import("../core/stores/postgres/contents/openContents.js");
    return openDatabaseContents({ url: place.url, spoolFolder });
  }
  const { openContents } = await import("../core/stores/lowdb/index.js");
  return openContents(place.folder);
}

async function targetAt(place: StorePlace) {
  if ("url" in place) {
    const { openDatabaseTarget } = await import("../core/stores/postgres/contents/fillDatabase.js");
    return openDatabaseTarget(place.url);
  }
  const { openFolderTarget } = await import("../core/stores/lowdb/index.js");
  return openFolderTarget(place.folder);
}

/** @throws StoreRefused where nothing may be copied from there, or to there */
export async function copyStore(from: StorePlace, to: StorePlace, spoolFolder: string): Promise<ContentsDigest> {
  return copyInto(await contentsOf(from, spoolFolder), to);
}

/** Writes into an empty folder what a database holds at one moment, also while nodes run on it. */
export async function backUpDatabase(url: string, folder: string): Promise<ContentsDigest> {
  const { openDatabaseContents } = await import("../core/stores/postgres/contents/openContents.js");
  return copyInto(await openDatabaseContents({ url }), { folder, shown: folder });
}

async function copyInto(source: StoreContents, to: StorePlace): Promise<ContentsDigest> {
  const { copyContents } = await import("../core/stores/shared/copyContents.js");
  const target = await targetAt(to).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  return copyContents(source, target);
}

export async function digestStore(place: StorePlace, spoolFolder: string): Promise<ContentsDigest> {
  const { digestOf } = await import("../core/stores/shared/contentsDigest.js");
  const contents = await contentsOf(place, spoolFolder);
  return digestOf(contents).finally(() => contents.close());
}
