import { CommanderError } from "commander";

/** Ends the command with a plain line on standard error; an empty message: all was said already. */
export class CliError extends Error {
  override readonly name = "CliError";
}

const REFUSED = 1;
const USED_WRONGLY = 2;

/** Help and version that were asked for are no errors. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof CommanderError)) return REFUSED;
  return error.exitCode === 0 ? 0 : USED_WRONGLY;
}
