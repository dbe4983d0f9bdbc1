import type { Command } from "commander";
import { fields, minute, table } from "../output";
import { addSignInCommands } from "./signIn";
import { branch, leaf, perform } from "../leaf";
import { addClientChanges } from "./clients";

interface ClientRow {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly managers: number;
  readonly createdAt: string;
}

interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly active: boolean;
  readonly createdAt: string;
}

const yesNo = (value: boolean) => (value ? "yes" : "no");

export function addOwnerCommands(program: Command): void {
  const client = branch(program, "client", "clients: named identities for services");
  leaf(client, "create <name>", "make a client", ["client create research-bot"])
    .action(async (name: string, _options: unknown, command: Command) => {
      await perform<{ id: string; name: string }>(command, "client.create", { name }, (made) => `Client ${made.name} created.\n${fields([["id", made.id]])}`);
    });
  leaf(client, "list", "list the clients", ["client list", "client list --json"])
    .action(async (_options: unknown, command: Command) => {
      await perform<readonly ClientRow[]>(command, "client.list", {}, showClients);
    });
  addClientChanges(client);

  const user = branch(program, "user", "users: people who sign in");
  leaf(user, "create <email>", "make a user before their first sign-in", ['user create ana@example.edu --name "Ana Ruiz"'])
    .option("--name <name>", "the name that pages show")
    .action(async (email: string, { name }: { name?: string }, command: Command) => {
      await perform<UserRow>(command, "user.create", { email, name }, (made) => `User ${made.email} created.\n${fields([["id", made.id], ["name", made.name]])}`);
    });
  leaf(user, "link <email>", "make a link that signs a person in, once, within a day", ["user link ana@example.edu"])
    .action(async (email: string, _options: unknown, command: Command) => {
      await perform<{ email: string; path: string }>(command, "user.link", { email }, (made) => `Open this path on your gateway to sign in as ${made.email}, once, within a day:\n${made.path}`);
    });
  addSignInCommands(user);
  leaf(user, "list", "list the users", ["user list"])
    .action(async (_options: unknown, command: Command) => {
      await perform<readonly UserRow[]>(command, "user.list", {}, showUsers);
    });
}

function showClients(rows: readonly ClientRow[]): string {
  return table(rows, [
    { title: "NAME", of: ({ name }) => name },
    { title: "ACTIVE", of: ({ active }) => yesNo(active) },
    { title: "MANAGERS", of: ({ managers }) => managers, align: "right" },
    { title: "CREATED", of: ({ createdAt }) => minute(createdAt) },
    { title: "ID", of: ({ id }) => id },
  ], "There are no clients yet.");
}

function showUsers(rows: readonly UserRow[]): string {
  return table(rows, [
    { title: "EMAIL", of: ({ email }) => email },
    { title: "NAME", of: ({ name }) => name },
    { title: "ACTIVE", of: ({ active }) => yesNo(active) },
    { title: "CREATED", of: ({ createdAt }) => minute(createdAt) },
    { title: "ID", of: ({ id }) => id },
  ], "There are no users yet.");
}
