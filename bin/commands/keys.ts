import type { Command } from "commander";
import { parseExpiry, parseSpan } from "../expiry";
import { amount, branch, leaf, ownerOf, perform, withOwner } from "../leaf";
import { fields, minute, table } from "../output";

interface NewKey {
  readonly id: string;
  readonly key: string;
  readonly hint: string;
  readonly owner: string;
  readonly name: string;
  readonly expiresAt: string | null;
  readonly models: readonly string[] | null;
  readonly coinCap: string | null;
}

interface KeyRow extends Omit<NewKey, "owner" | "key"> {
  readonly owner: string | null;
  readonly status: string;
  readonly requests: number;
  readonly tokens: number;
  readonly coins: string;
  readonly lastUsed: string | null;
}

interface RotatedKey extends NewKey {
  readonly former: { readonly hint: string; readonly goodUntil: string } | null;
}

interface CreateOptions {
  readonly name: string;
  readonly expires?: number;
  readonly models?: string;
  readonly coinCap?: string;
}

export function addKeyCommands(program: Command): void {
  const key = branch(program, "key", "API keys of clients and users");
  withOwner(leaf(key, "create", "make a key; it is shown this once", [
    "key create --client research-bot --name nightly",
    "key create --user ana@example.edu --name notebook --expires 30d --models llama3,phi4 --coin-cap 5",
  ]))
    .requiredOption("--name <label>", "what the key is for")
    .option("--expires <when>", "12h, 30d, 4w, or a time: 2027-01-31", (text: string) => parseExpiry(text))
    .option("--models <names>", "narrow it to these models, with commas between")
    .option("--coin-cap <coins>", "the most that it may ever spend", amount)
    .action(async ({ name, expires, models, coinCap }: CreateOptions, command: Command) => {
      const list = models?.split(",").map((one) => one.trim()).filter((one) => one !== "");
      const input = { ...ownerOf(command), name, expiresAt: expires, models: list, coinCap };
      await perform<NewKey>(command, "key.create", input, showNew);
    });
  withOwner(leaf(key, "list", "list keys with what was used through them", ["key list", "key list --client research-bot --json"]))
    .action(async (_options: unknown, command: Command) => {
      await perform<readonly KeyRow[]>(command, "key.list", ownerOf(command, true), showKeys);
    });
  leaf(key, "rotate <id>", "a second key under the same name and limits; the old one stays good for a while", ["key rotate 4fXk02LmQa9Z", "key rotate 4fXk02LmQa9Z --overlap 7d"])
    .option("--overlap <span>", "how long the old key stays good: 1h, 24h, 7d, at most 30d; 0 ends it now", parseSpan, 24 * 3_600_000)
    .action(async (id: string, { overlap }: { readonly overlap: number }, command: Command) => {
      await perform<RotatedKey>(command, "key.rotate", { id, overlapMs: overlap }, showRotated);
    });
  leaf(key, "revoke <id>", "end a key: its next call is refused", ["key revoke 4fXk02LmQa9Z"])
    .action(async (id: string, _options: unknown, command: Command) => {
      await perform<KeyRow>(command, "key.revoke", { id }, ({ name, hint }) => `Key ${name} (${hint}) is revoked.`);
    });
}

function showNew(made: NewKey): string {
  return [
    `Key ${made.name} of ${made.owner}. Copy it now: it is shown this once and cannot be read again.`,
    "",
    `  ${made.key}`,
    "",
    fields([
      ["id", made.id],
      ["hint", made.hint],
      ["expires", minute(made.expiresAt)],
      ["models", made.models?.join(", ") ?? "all of its owner's"],
      ["coin cap", made.coinCap ?? "none"],
    ]),
  ].join("\n");
}

function showRotated(made: RotatedKey): string {
  const { former } = made;
  return `${showNew(made)}\n\n${former ? `The old key (${former.hint}) is good until ${minute(former.goodUntil)}.` : "The old key is refused from now on."}`;
}

function showKeys(rows: readonly KeyRow[]): string {
  return table(rows, [
    { title: "NAME", of: ({ name }) => name },
    { title: "OWNER", of: ({ owner }) => owner },
    { title: "HINT", of: ({ hint }) => hint },
    { title: "STATUS", of: ({ status }) => status },
    { title: "EXPIRES", of: ({ expiresAt }) => minute(expiresAt) },
    { title: "REQUESTS", of: ({ requests }) => requests, align: "right" },
    { title: "TOKENS", of: ({ tokens }) => tokens, align: "right" },
    { title: "COINS", of: ({ coins }) => coins, align: "right" },
    { title: "LAST USED", of: ({ lastUsed }) => minute(lastUsed) },
    { title: "ID", of: ({ id }) => id },
  ], "There are no keys yet.");
}
