import { StoreRefused } from "../errors/storeErrors";
import { InvalidInput, OWNER_MEMBERS, readMembers } from "./commandInput";
import { adjustCommand, backupCommand, receiptCommand, usageCommand, verifyCommand } from "./commands/books";
import { activateClientCommand, addManagerCommand, removeManagerCommand, renameClientCommand } from "./commands/clients";
import { diffConfigCommand, listAuditCommand } from "./commands/administration";
import { createKeyCommand, listKeysCommand, revokeKeyCommand, rotateKeyCommand } from "./commands/keys";
import { createClientCommand, createUserCommand, linkUserCommand, listClientsCommand, listUsersCommand, unknownClientsCommand } from "./commands/owners";
import { resetPasswordCommand, setActiveCommand } from "./commands/signIn";
import { explainCommand, recordConsentCommand, withdrawConsentCommand } from "./commands/rights";
import type { Command, Commands, ControlDeps } from "./types";

interface Entry {
  readonly members: readonly string[];
  readonly run: Command;
}

/** Every command that the command line has of a store: name → what it takes → what it does. */
const TABLE: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ["client.create", { members: ["name"], run: createClientCommand }],
  ["client.rename", { members: ["old", "new"], run: renameClientCommand }],
  ["client.activate", { members: ["name"], run: activateClientCommand(true) }],
  ["client.deactivate", { members: ["name"], run: activateClientCommand(false) }],
  ["client.manager.add", { members: ["name", "email"], run: addManagerCommand }],
  ["client.manager.remove", { members: ["name", "email"], run: removeManagerCommand }],
  ["client.list", { members: [], run: listClientsCommand }],
  ["client.unknown", { members: ["names"], run: unknownClientsCommand }],
  ["user.create", { members: ["email", "name"], run: createUserCommand }],
  ["user.link", { members: ["email"], run: linkUserCommand }],
  ["user.password", { members: ["email", "password"], run: resetPasswordCommand }],
  ["user.activate", { members: ["email"], run: setActiveCommand(true) }],
  ["user.deactivate", { members: ["email"], run: setActiveCommand(false) }],
  ["user.list", { members: [], run: listUsersCommand }],
  ["key.create", { members: [...OWNER_MEMBERS, "name", "expiresAt", "models", "coinCap"], run: createKeyCommand }],
  ["key.list", { members: OWNER_MEMBERS, run: listKeysCommand }],
  ["key.rotate", { members: ["id", "overlapMs"], run: rotateKeyCommand }],
  ["key.revoke", { members: ["id"], run: revokeKeyCommand }],
  ["consent.record", { members: [...OWNER_MEMBERS, "model"], run: recordConsentCommand }],
  ["consent.withdraw", { members: [...OWNER_MEMBERS, "model"], run: withdrawConsentCommand }],
  ["coins.grant", { members: [...OWNER_MEMBERS, "amount", "reason"], run: adjustCommand("grant") }],
  ["coins.take", { members: [...OWNER_MEMBERS, "amount", "reason"], run: adjustCommand("take") }],
  ["coins.reset", { members: [...OWNER_MEMBERS, "reason"], run: adjustCommand("reset") }],
  ["explain", { members: [...OWNER_MEMBERS, "model", "key", "via"], run: explainCommand }],
  ["usage", { members: OWNER_MEMBERS, run: usageCommand }],
  ["receipt", { members: ["id"], run: receiptCommand }],
  ["config.diff", { members: ["text", "file"], run: diffConfigCommand }],
  ["audit.list", { members: ["actor", "subject", "action", "limit"], run: listAuditCommand }],
  ["ledger.verify", { members: [], run: verifyCommand }],
  ["backup", { members: ["folder"], run: backupCommand }],
]);

/** The same commands in-process and behind the control socket. */
export function createCommands(deps: ControlDeps): Commands {
  return {
    run: async (name, input) => {
      const entry = TABLE.get(name);
      if (!entry) return { ok: false, message: `There is no command '${name.slice(0, 40)}' here: is the server of another version?` };
      try {
        return await entry.run(deps, readMembers(input, entry.members));
      } catch (error) {
        if (error instanceof InvalidInput) return { ok: false, message: `${name}: ${error.message}.` };
        if (error instanceof StoreRefused) return { ok: false, message: error.message };
        throw error;
      }
    },
  };
}
