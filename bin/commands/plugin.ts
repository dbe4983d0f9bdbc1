import type { Command } from "commander";

/** Plugins are made from templates under bin/templates. */
export function addPluginCommands(_program: Command): void {
  return undefined;
}
