import type { Command } from "commander";
import type { OwnerUsage } from "../../core/services/describeUsage";
import type { Receipt } from "../../core/services/receipt";
import type { LedgerReport } from "../../core/services/verifyLedger";
import { CliError } from "../cliError";
import { amount, branch, leaf, ownerOf, perform, withOwner } from "../leaf";
import { counted, fields, minute } from "../output";

interface Adjusted {
  readonly owner: string;
  readonly amount: string;
  readonly balance: string;
}

interface AdjustOptions {
  readonly amount?: string;
  readonly reason: string;
}

export function addBookCommands(program: Command): void {
  addCoinCommands(program);
  withOwner(leaf(program, "usage", "what an owner used, and what is left", ["usage --client research-bot", "usage --user ana@example.edu --json"]))
    .action(async (_options: unknown, command: Command) => {
      await perform<OwnerUsage>(command, "usage", ownerOf(command), showUsage);
    });
  leaf(program, "receipt <id>", "what one call used and cost, by its request id", ["receipt 01a1fd72-ef74-7323-8e63-22f28cbb0bb8"])
    .action(async (id: string, _options: unknown, command: Command) => {
      await perform<Receipt>(command, "receipt", { id }, showReceipt);
    });

  const ledger = branch(program, "ledger", "the books");
  leaf(ledger, "verify", "read the whole history again and prove every balance", ["ledger verify"])
    .action(async (_options: unknown, command: Command) => {
      const { exact } = await perform<LedgerReport>(command, "ledger.verify", {}, showBooks);
      if (!exact) throw new CliError("the books do not balance");
    });
}

function addCoinCommands(program: Command): void {
  const coins = branch(program, "coins", "the coins of an owner's pool");
  const kinds = [
    ["grant", "add coins", "granted to"],
    ["take", "take coins away, at most what is there", "taken from"],
  ] as const;
  for (const [kind, description, words] of kinds) {
    withOwner(leaf(coins, kind, description, [`coins ${kind} --client research-bot --amount 25 --reason "autumn course"`]))
      .requiredOption("--amount <coins>", "how many, at most nine decimals", amount)
      .requiredOption("--reason <text>", "why; kept in the ledger and the audit log")
      .action(async ({ amount: asked, reason }: AdjustOptions, command: Command) => {
        const input = { ...ownerOf(command), amount: asked, reason };
        await perform<Adjusted>(command, `coins.${kind}`, input, (made) => `${made.amount.replace("-", "")} coins ${words} ${made.owner}; the balance is ${made.balance}.`);
      });
  }
  withOwner(leaf(coins, "reset", "set the balance to the pool's starting coins", ['coins reset --user ana@example.edu --reason "new term"']))
    .requiredOption("--reason <text>", "why; kept in the ledger and the audit log")
    .action(async ({ reason }: AdjustOptions, command: Command) => {
      await perform<Adjusted>(command, "coins.reset", { ...ownerOf(command), reason }, (made) => `The balance of ${made.owner} is ${made.balance} again.`);
    });
}

function showUsage(usage: OwnerUsage): string {
  const { pool } = usage;
  return fields([
    [usage.kind, usage.owner],
    ["requests", usage.requests],
    ["tokens", `${usage.tokens} (${usage.inputTokens} in, ${usage.outputTokens} out)`],
    ["coins", usage.coins],
    ["uncollected", usage.uncollected],
    ["last used", minute(usage.lastUsed)],
    ["pool", pool.kind === "limited" ? `${pool.max ?? "0"} at most, +${pool.refresh_per_hour ?? "0"} an hour` : POOL_WORDS[pool.kind]],
    ["balance", usage.balance],
  ]);
}

/** What was used beside tokens; null where that is nothing. */
function mediaWords({ audio_ms, images, characters }: NonNullable<Receipt["usage"]>): string | null {
  const words = [audio_ms > 0 && `${audio_ms / 1_000} s of sound`, images > 0 && `${images} pictures`, characters > 0 && `${characters} characters spoken`];
  return words.filter(Boolean).join(", ") || null;
}

function showReceipt(call: Receipt): string {
  const { usage } = call;
  return fields([
    ["request", call.id],
    ["status", call.http_status === null ? call.status : `${call.status} (${call.http_status})`],
    ["model", `${call.model}, ${call.operation}`],
    ["key", call.key ?? "web chat"],
    ["endpoint", call.endpoint && (call.endpoint.model === null ? call.endpoint.id : `${call.endpoint.id} (${call.endpoint.model})`)],
    ["tokens", usage && `${usage.input_tokens} in (${usage.cached_input_tokens} cached), ${usage.output_tokens} out`],
    ["media", usage && mediaWords(usage)],
    ["coins", call.cost ?? `${call.held} held`],
    ["uncollected", call.uncollected],
    ["started", call.started_at],
    ["took", call.duration_ms === null ? null : `${call.duration_ms} ms, first token after ${call.first_token_ms ?? "-"} ms`],
    ["flags", call.flags.join(", ") || null],
  ]);
}

const POOL_WORDS = { unlimited: "unlimited", blocked: "blocked", none: "not configured" } as const;

function showBooks(report: LedgerReport): string {
  if (!report.exact) return report.differences.join("\n");
  const { pools, entries, openHolds, coins, uncollected } = report;
  return `The books are exact: ${counted(pools, "pool")}, ${entries} settled, ${coins} coins used, ${uncollected} uncollected, ${counted(openHolds, "open hold")}.`;
}
