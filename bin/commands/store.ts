import type { Command } from "commander";
import type { ContentsDigest } from "../../core/stores/shared/contentsDigest";
import { CliError } from "../cliError";
import { configuredStoreUrl } from "../commandRunner";
import { branch, environmentOf, leaf, print } from "../leaf";
import { table } from "../output";
import { copyStore, digestStore, placeOf, spoolFolderOf } from "../storePlaces";

const PLACE = "a data folder, postgres://…, or env:NAME for what a variable holds";

export function addStoreCommands(program: Command): void {
  const store = branch(program, "store", "what the gateway keeps, in a data folder or in PostgreSQL");
  leaf(store, "copy", "copy a store that nobody uses into an empty place, and prove that both hold the same", [
    "store copy --from /srv/lumen/data --to env:LUMEN_STORE_URL",
    "store copy --from env:LUMEN_STORE_URL --to /srv/lumen/data",
  ])
    .requiredOption("--from <place>", PLACE)
    .requiredOption("--to <place>", PLACE)
    .action(async ({ from, to }: { from: string; to: string }, command: Command) => copy(from, to, command));
  leaf(store, "migrate", "set up an empty database, or upgrade that of an earlier version; make a backup first", ["store migrate"])
    .action(async (_options: unknown, command: Command) => {
      const url = await configuredStoreUrl(environmentOf());
      if (url === "") throw new CliError("the store is in the data folder, which each version upgrades by itself: there is nothing to migrate");
      const { migrate } = await import("../../core/stores/postgres/schema.js");
      const migrations = await migrate(url);
      print(command, { migrations }, () => (migrations.length === 0 ? "The database is as this version needs it." : `Done: ${migrations.join(", ")}.`));
    });
  leaf(store, "digest", "the audit hash of a store that nobody uses: equal for stores that hold the same", ["store digest --of env:LUMEN_STORE_URL"])
    .requiredOption("--of <place>", PLACE)
    .action(async ({ of }: { of: string }, command: Command) => {
      print(command, await digestStore(placeOf(of), spoolFolderOf(environmentOf())), showDigest);
    });
}

async function copy(from: string, to: string, command: Command): Promise<void> {
  const [source, target] = [placeOf(from), placeOf(to)];
  const digest = await copyStore(source, target, spoolFolderOf(environmentOf()));
  const value = { from: source.shown, to: target.shown, ...digest };
  print(command, value, () => [
    showDigest(digest),
    `${source.shown} is copied to ${target.shown}; both hold the same.`,
    "The key pepper is not a part of it: the gateway there needs the same one, from <data folder>.secrets/pepper or LUMEN_PEPPER.",
  ].join("\n"));
}

function showDigest({ sha256, kinds }: ContentsDigest): string {
  const rows = table(kinds, [
    { title: "KIND", of: ({ kind }) => kind },
    { title: "COUNT", of: ({ count }) => count, align: "right" },
    { title: "SHA-256", of: ({ sha256: hash }) => hash },
  ], "");
  return `${rows}\naudit hash ${sha256}`;
}
