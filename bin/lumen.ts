import { CommanderError } from "commander";
import { StartRefused } from "../core/errors/startError";
import { CliError, exitCodeOf } from "./cliError";
import { buildProgram } from "./program";

/** Runs one command line; sets the exit code and lets the process end by itself: 0 done, 1 refused or failed, 2 used wrongly. */
export async function main(argv: readonly string[] = process.argv): Promise<void> {
  // A reader that has seen enough (`lumen key list | head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  try {
    await buildProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    // Commander has printed its own.
    if (!(error instanceof CommanderError)) for (const line of linesOf(error)) console.error(line);
  }
}

function linesOf(error: unknown): readonly string[] {
  if (error instanceof StartRefused) return error.faults;
  if (error instanceof CliError && error.message === "") return [];
  return [`lumen: ${error instanceof Error ? error.message : String(error)}`];
}

if (require.main === module) void main();
