import { InvalidArgumentError, type Command } from "commander";
import { parseCoins } from "../core/domain/coins";
import { readEnvironment, type Environment } from "../core/environment";
import { CliError } from "./cliError";
import { runCommand } from "./commandRunner";

export interface OwnerOptions {
  readonly client?: string;
  readonly user?: string;
}

/** A command that does something: it has `--json`, and examples under its help. */
export function leaf(parent: Command, usage: string, description: string, examples: readonly string[]): Command {
  const shown = ["", "Examples:", ...examples.map((line) => `  $ lumen ${line}`)].join("\n");
  return parent.command(usage).description(description).option("--json", "print JSON").addHelpText("after", shown);
}

/** A command that only holds others. */
export function branch(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description);
}

export function withOwner(command: Command): Command {
  return command.option("--client <name>", "the client, by name").option("--user <email>", "the user, by e-mail address");
}

/** Exactly one of both, unless `optional`. */
export function ownerOf(command: Command, optional = false): OwnerOptions {
  const { client, user } = command.opts<OwnerOptions>();
  if (client !== undefined && user !== undefined) usageError(command, "give --client or --user, not both");
  if (!optional && client === undefined && user === undefined) usageError(command, "give --client NAME or --user EMAIL");
  return { ...(client === undefined ? {} : { client }), ...(user === undefined ? {} : { user }) };
}

export function usageError(command: Command, message: string): never {
  return command.error(`error: ${message}`, { exitCode: 2 });
}

/** Keeps the text: an amount never goes through a float (docs/rules.md M1). */
export function amount(text: string): string {
  const nano = parseCoins(text);
  if (nano === undefined || nano <= 0n) throw new InvalidArgumentError("It has to be an amount above 0 with at most nine decimals.");
  return text;
}

/**
 * Runs a command of the store and prints what it gave: as JSON with `--json`, else as `show` puts it for people.
 * @param more members that only this process knows, for `--json`
 * @throws CliError when it was refused
 */
export async function perform<T>(command: Command, name: string, input: unknown, show: (value: T) => string, more: object = {}): Promise<T> {
  const result = await runCommand(environmentOf(), name, input);
  if (!result.ok) throw new CliError(result.message);
  for (const warning of result.warnings) console.error(`warning: ${warning}`);
  print(command, Object.keys(more).length > 0 ? { ...(result.value as T), ...more } : (result.value as T), show);
  return result.value as T;
}

export function print<T>(command: Command, value: T, show: (value: T) => string): void {
  const { json } = command.opts<{ json?: boolean }>();
  process.stdout.write(`${json ? JSON.stringify(value) : show(value)}\n`);
}

export function environmentOf(): Environment {
  return readEnvironment();
}
