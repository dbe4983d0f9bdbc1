import type { Command } from "commander";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Environment } from "../../core/environment";
import { CliError } from "../cliError";
import { configuredStoreUrl, findServer } from "../commandRunner";
import { environmentOf, leaf, perform, print } from "../leaf";
import { counted } from "../output";
import { backUpDatabase, copyStore, placeOf, spoolFolderOf } from "../storePlaces";

interface Restored {
  readonly from: string;
  readonly to: string;
  readonly pools: number;
  readonly entries: number;
  readonly exact: true;
}

export function addBackupCommands(program: Command): void {
  leaf(program, "backup <folder>", "write a consistent copy into an empty or new folder, also while the server runs", ["backup /var/backups/lumen"])
    .action(async (folder: string, _options: unknown, command: Command) => backUp(path.resolve(folder), command));
  leaf(program, "restore <folder>", "put a backup where the store is, which has to be empty, and prove its books; no server may run", ["restore /var/backups/lumen"])
    .action(async (folder: string, _options: unknown, command: Command) => {
      const environment = environmentOf();
      const url = await configuredStoreUrl(environment);
      const from = path.resolve(folder);
      const restored = url === "" ? await restoreFolder(from, environment) : await restoreDatabase(from, url, environment);
      print(command, restored, ({ to, pools, entries }) => `${from} is restored into ${to}: ${counted(pools, "pool")}, ${entries} settled; the books are exact.`);
    });
}

const showBackup = (folder: string) => `The copy is in ${folder}. The key pepper is not a part of it: it is beside the data.`;

async function backUp(folder: string, command: Command): Promise<void> {
  const url = await configuredStoreUrl(environmentOf());
  if (url === "") await perform<unknown>(command, "backup", { folder }, () => showBackup(folder));
  else {
    const { sha256 } = await backUpDatabase(url, folder);
    print(command, { folder, sha256 }, () => showBackup(folder));
  }
}

async function restoreFolder(from: string, environment: Environment): Promise<Restored> {
  const { dataFolder } = environment;
  if (await findServer(environment)) throw new CliError(`a server runs on ${dataFolder}: stop it first`);
  const left = (await readdir(dataFolder).catch(() => [])).filter((name) => !name.startsWith("."));
  if (left.length > 0) throw new CliError(`${dataFolder} is not empty: move it away first, so that nothing is lost`);
  return restoreInto(from, dataFolder);
}

async function restoreInto(from: string, folder: string): Promise<Restored> {
  const { restoreBackup } = await import("../../core/stores/lowdb/index.js");
  const { pools, entries } = await restoreBackup(from, folder);
  return { from, to: folder, pools, entries, exact: true };
}

/** By way of a data folder of its own: opening a store writes to it, and the backup stays as it is. */
async function restoreDatabase(from: string, url: string, environment: Environment): Promise<Restored> {
  const to = placeOf(url);
  const between = await mkdtemp(`${environment.dataFolder}.restore-`);
  try {
    const restored = await restoreInto(from, between);
    await copyStore(placeOf(between), to, spoolFolderOf(environment));
    return { ...restored, to: to.shown };
  } finally {
    await rm(between, { recursive: true, force: true });
  }
}
