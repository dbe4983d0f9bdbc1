import type { Command } from "commander";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ConfigPreview } from "../../core/services/configDiff/previewConfig";
import type { AffectedOwners, ConfigDiff, PoolWords } from "../../core/services/configDiff/types";
import { CliError } from "../cliError";
import { leaf, perform } from "../leaf";
import { counted } from "../output";

/** `lumen config diff`: what a file would change of the configuration in force, and for whom. */
export function addConfigDiffCommand(config: Command): void {
  leaf(config, "diff <file>", "what a file would change of the configuration in force, and for whom; it puts nothing in force", [
    "config diff config.new.yaml",
    "config diff config.new.yaml --json",
  ])
    .action(async (file: string, _options: unknown, command: Command) => {
      const target = path.resolve(file);
      const text = await readFile(target, "utf8").catch((error: Error) => {
        throw new CliError(`${target} cannot be read: ${error.message}`);
      });
      const { valid } = await perform<ConfigPreview>(command, "config.diff", { text, file: target }, showPreview);
      if (!valid) throw new CliError("");
    });
}

function showPreview({ file, faults, diff, restart }: ConfigPreview): string {
  const lines = faults.map(({ severity, file: name, line, column, message, text }) =>
    `${name}:${line}:${column}: ${severity === "warning" ? "warning: " : ""}${message}${text.trim() === "" ? "" : `\n    ${text.trim()}`}`);
  if (!diff) return [...lines, `${file} cannot be put in force: ${counted(faults.filter(({ severity }) => severity === "error").length, "error")}.`].join("\n");
  if (diff.same) return [...lines, `${file} changes nothing.`].join("\n");
  return [...lines, ...diffLines(diff), ...(restart.length > 0 ? [`takes a restart: ${restart.join(", ")}`] : [])].join("\n");
}

const ACCESS = { gained: "gain", lost: "lose", consent_needed: "have to consent to", consent_dropped: "need no consent any more for" } as const;

function diffLines({ models, access, pools, groups, rateLimits, admins, settings }: ConfigDiff): string[] {
  const listed = (word: string, names: readonly string[]) => (names.length > 0 ? [`${word}: ${names.join(", ")}`] : []);
  return [
    ...listed("models added", models.added), ...listed("models removed", models.removed),
    ...listed("models disabled", models.disabled), ...listed("models enabled again", models.enabled),
    ...models.prices.map(({ model, key, before, after }) => `${model}: ${key} ${before ?? "not set"} -> ${after ?? "not set"}`),
    ...listed("consent is asked again, the notice changed", models.notices),
    ...models.endpoints.map(({ model, before, after }) => `${model}: endpoints changed (${before} -> ${after})`),
    ...models.others.map(({ model, keys }) => `${model}: ${keys.join(", ")} changed`),
    ...access.map(({ model, change, owners }) => `${who(owners)} ${ACCESS[change]} ${model}`),
    ...pools.map(({ before, after, owners }) => `pool of ${who(owners)}: ${poolText(before)} -> ${poolText(after)}`),
    ...groups.map(({ name, change, joined, left }) => `group ${name}: ${change}${joinText("joined by", joined)}${joinText("left by", left)}`),
    ...(rateLimits ? [`rate limits: ${rateLimits.before} -> ${rateLimits.after}`] : []),
    ...listed("admins added", admins.added), ...listed("admins removed", admins.removed),
    ...listed("other settings changed", settings),
  ];
}

/** `2 users (ana@example.edu, ben@example.edu), 1 client (bot)` */
function who({ users, clients, userNames, clientNames }: AffectedOwners): string {
  const some = (count: number, noun: string, names: readonly string[]) =>
    (count === 0 ? [] : [`${counted(count, noun)} (${names.join(", ")}${count > names.length ? ", ..." : ""})`]);
  return [...some(users, "user", userNames), ...some(clients, "client", clientNames)].join(", ");
}

function joinText(word: string, owners: AffectedOwners): string {
  return owners.users + owners.clients === 0 ? "" : `, ${word} ${who(owners)}`;
}

function poolText({ kind, max, refresh, starting }: PoolWords): string {
  if (kind === "limited") return `${max ?? "0"} at most, +${refresh ?? "0"} an hour, ${starting ?? "0"} to start`;
  return kind === "none" ? "not configured" : kind;
}
