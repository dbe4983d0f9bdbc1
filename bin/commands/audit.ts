import { InvalidArgumentError, type Command } from "commander";
import { leaf, perform } from "../leaf";
import { minute, table } from "../output";

interface AuditLine {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly address: string | null;
  readonly details: Readonly<Record<string, string>>;
}

export function addAuditCommand(program: Command): void {
  leaf(program, "audit", "who did what to whom, newest first", ["audit --limit 20", "audit --actor ana@example.edu --action key. --json"])
    .option("--actor <who>", "done by this e-mail address, cli or system")
    .option("--subject <whom>", "concerning this e-mail address, client or id")
    .option("--action <what>", "key.revoke, or key. for all of a kind")
    .option("--limit <count>", "how many, at most 1000", count, 50)
    .action(async ({ actor, subject, action, limit }: { actor?: string; subject?: string; action?: string; limit: number }, command: Command) => {
      await perform<readonly AuditLine[]>(command, "audit.list", { actor, subject, action, limit }, showLines);
    });
}

function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1_000) throw new InvalidArgumentError("It has to be a whole number from 1 to 1000.");
  return value;
}

function showLines(rows: readonly AuditLine[]): string {
  return table(rows, [
    { title: "WHEN", of: ({ at }) => minute(at) },
    { title: "BY", of: ({ actor }) => actor },
    { title: "WHAT", of: ({ action }) => action },
    { title: "WHOM", of: ({ subject }) => subject },
    { title: "FROM", of: ({ address }) => address },
    { title: "DETAILS", of: ({ details }) => Object.entries(details).map(([name, value]) => `${name}=${value}`).join(", ") || null },
  ], "Nothing of this kind was recorded.");
}
