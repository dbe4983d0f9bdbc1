import type { Command } from "commander";
import { randomInt } from "node:crypto";
import { CliError } from "../cliError";
import { leaf, perform } from "../leaf";

interface Person {
  readonly email: string;
}

/** Letters and digits that nobody takes for one another. */
const SIGNS = "abcdefghjkmnpqrstuvwxyz23456789";

/** 99 random bits in four groups of five. */
function generatePassword(): string {
  return Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => SIGNS[randomInt(SIGNS.length)]).join("")).join("-");
}

/** The first line of standard input. */
async function readLine(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  const [line = ""] = Buffer.concat(chunks).toString("utf8").split(/\r?\n/, 1);
  if (line === "") throw new CliError("standard input holds no password");
  return line;
}

/** Ways in and out: passwords of local accounts, and whether a person may sign in at all. */
export function addSignInCommands(user: Command): void {
  leaf(user, "password <email>", "give a local account a password; the person chooses their own at the next sign-in", [
    "user password ana@example.edu",
    "user password ana@example.edu --stdin < password.txt",
  ])
    .option("--stdin", "read it from standard input; without this one is made and printed once")
    .action(async (email: string, { stdin }: { stdin?: boolean }, command: Command) => {
      const password = stdin ? await readLine() : generatePassword();
      const shown = stdin ? {} : { password };
      await perform<Person>(command, "user.password", { email, password }, (person) => [
        `${person.email} has a new password, is signed out everywhere, and has to choose their own at the next sign-in.`,
        ...(stdin ? [] : ["Copy it now: it is shown this once.", "", `  ${password}`]),
      ].join("\n"), shown);
    });
  leaf(user, "deactivate <email>", "keep a person out: ends their sessions, and their keys are refused", ["user deactivate ana@example.edu"])
    .action(async (email: string, _options: unknown, command: Command) => {
      await perform<Person>(command, "user.deactivate", { email }, (person) => `${person.email} is deactivated and signed out everywhere.`);
    });
  leaf(user, "activate <email>", "let a person in again", ["user activate ana@example.edu"])
    .action(async (email: string, _options: unknown, command: Command) => {
      await perform<Person>(command, "user.activate", { email }, (person) => `${person.email} may sign in again.`);
    });
}
