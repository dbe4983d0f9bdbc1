import type { Command } from "commander";
import { branch, leaf, perform } from "../leaf";

interface Named {
  readonly name: string;
}

interface Managed {
  readonly client: string;
  readonly email: string;
}

/** What changes a client: `client rename`, `client activate`, `client manager add` … */
export function addClientChanges(client: Command): void {
  leaf(client, "rename <old> <new>", "give a client another name; keys, coins and usage stay", ["client rename research-bot lab-bot"])
    .action(async (old: string, name: string, _options: unknown, command: Command) => {
      await perform<Named>(command, "client.rename", { old, new: name }, (renamed) => `Client ${old} is now ${renamed.name}.`);
    });
  leaf(client, "deactivate <name>", "refuse all calls of a client, and end those that run", ["client deactivate research-bot"])
    .action(async (name: string, _options: unknown, command: Command) => {
      await perform<Named>(command, "client.deactivate", { name }, () => `Client ${name} is deactivated: its calls are refused.`);
    });
  leaf(client, "activate <name>", "let a deactivated client call again", ["client activate research-bot"])
    .action(async (name: string, _options: unknown, command: Command) => {
      await perform<Named>(command, "client.activate", { name }, () => `Client ${name} is active.`);
    });
  const manager = branch(client, "manager", "managers: people who look after a client's keys and consents");
  leaf(manager, "add <name> <email>", "make a person a manager of a client", ["client manager add research-bot ana@example.edu"])
    .action(async (name: string, email: string, _options: unknown, command: Command) => {
      await perform<Managed>(command, "client.manager.add", { name, email }, (added) => `${added.email} manages ${added.client}.`);
    });
  leaf(manager, "remove <name> <email>", "take a client out of a person's hands", ["client manager remove research-bot ana@example.edu"])
    .action(async (name: string, email: string, _options: unknown, command: Command) => {
      await perform<Managed>(command, "client.manager.remove", { name, email }, (removed) => `${removed.email} no longer manages ${removed.client}.`);
    });
}
