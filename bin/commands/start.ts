import type { Command } from "commander";

export function addStartCommand(program: Command): void {
  program
    .command("start")
    .description("start the server")
    .option("--last-good", "where config.yaml is broken, start with the configuration that was in force last")
    .action(async ({ lastGood }: { lastGood?: boolean }) => {
      const { main } = await import("../../server.js");
      await main({ lastGood: lastGood ?? false });
    });
}
