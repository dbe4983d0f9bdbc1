import path from "node:path";
import { formatCoins } from "../../domain/coins";
import { ownerLabel } from "../../domain/owner";
import { adjustCoins } from "../../services/adjustCoins";
import { describeUsage } from "../../services/describeUsage";
import { done } from "../../services/outcome";
import { describeReceipt } from "../../services/receipt";
import { verifyLedger } from "../../services/verifyLedger";
import { InvalidInput, optionalCoins, text } from "../commandInput";
import { CLI_ACTOR, type Command } from "../types";
import { withOwner } from "./owners";

export function adjustCommand(kind: "grant" | "take" | "reset"): Command {
  return (deps, input) =>
    withOwner(deps, input, async (owner) => {
      const amountNano = kind === "reset" ? undefined : optionalCoins(input, "amount");
      const reason = text(input, "reason");
      const made = await adjustCoins(deps, { owner, snapshot: deps.config.get(), kind, amountNano, reason, by: CLI_ACTOR });
      if (!made.ok) return made;
      const { adjustment, balanceNano } = made.value;
      return done({ owner: ownerLabel(owner), kind, amount: formatCoins(adjustment.amountNano), balance: formatCoins(balanceNano) });
    });
}

export const usageCommand: Command = (deps, input) =>
  withOwner(deps, input, async (owner) => done(await describeUsage(deps, deps.config.get(), owner)));

/** Anybody's: whoever may open the data folder may read the books. */
export const receiptCommand: Command = async (deps, input) => {
  const id = text(input, "id");
  const found = await describeReceipt(deps, deps.config.get(), id);
  return found ? done(found) : { ok: false, message: `There is no call '${id.slice(0, 64)}' in the books. Its id is the x-request-id of the answer.` };
};

export const verifyCommand: Command = async (deps) => done(await verifyLedger(deps));

/** The folder is the server's to write: a relative path would mean another place than the caller's. */
export const backupCommand: Command = async (deps, input) => {
  const folder = text(input, "folder");
  if (!path.isAbsolute(folder)) throw new InvalidInput("'folder' has to be an absolute path");
  await deps.store.backup(folder);
  return done({ folder });
};
