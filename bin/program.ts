import { Command } from "commander";
import { readFileSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "../core/environment";
import { addAuditCommand } from "./commands/audit";
import { addBackupCommands } from "./commands/backup";
import { addBookCommands } from "./commands/books";
import { addConfigCommands } from "./commands/config";
import { addKeyCommands } from "./commands/keys";
import { addOwnerCommands } from "./commands/owners";
import { addPluginCommands } from "./commands/plugin";
import { addRightCommands } from "./commands/rights";
import { addStartCommand } from "./commands/start";
import { addStoreCommands } from "./commands/store";

const INTRODUCTION = `
Files are found as the server finds them: config.yaml and data/ in the project, or where LUMEN_CONFIG and LUMEN_DATA say.
While a server runs on the data folder, commands go through it; otherwise they open the folder themselves.

Exit codes: 0 done, 1 refused or failed, 2 used wrongly.

First steps:
  $ lumen config check
  $ lumen client create research-bot
  $ lumen key create --client research-bot --name nightly
  $ lumen start`;

/** The whole command line. */
export function buildProgram(): Command {
  const program = new Command("lumen")
    .description("Lumen: an AI model gateway with access rules, consent and exact metering in coins.")
    .version(version(), "-V, --version", "print the version")
    .exitOverride()
    .addHelpText("after", INTRODUCTION);
  addStartCommand(program);
  addConfigCommands(program);
  addOwnerCommands(program);
  addKeyCommands(program);
  addRightCommands(program);
  addBookCommands(program);
  addBackupCommands(program);
  addAuditCommand(program);
  addStoreCommands(program);
  addPluginCommands(program);
  return program;
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(path.join(projectRoot(), "package.json"), "utf8")) as { version: string };
  return text;
}
