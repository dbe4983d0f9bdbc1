import { displayCoins, parseCoins } from "../../../../core/domain/coins";
import { adjustCoins } from "../../../../core/services/adjustCoins";
import { good, NotFound, redirect, type MemberVisit, type Reply } from "../../visit";
import { userPage } from "./showUser";
import { userOf } from "./userOf";

const KINDS = { grant: "granted to", take: "taken from", reset: "reset" } as const;

/** P7: grants or takes coins, or goes back to the starting ones, with a reason. */
export async function adjustUserCoins(visit: MemberVisit): Promise<Reply> {
  const { form, deps, snapshot } = visit;
  const user = await userOf(visit);
  const kind = kindOf(form.text("kind"));
  const [amount, reason] = [form.text("amount"), form.text("reason")];
  const amountNano = kind === "reset" ? undefined : parseCoins(amount);
  const made = await adjustCoins(deps, { owner: user, snapshot, kind, reason, by: visit.user.id, ...(amountNano === undefined ? {} : { amountNano }) });
  if (!made.ok) return userPage(visit, user, { form: "coins", message: made.message, kind, amount, reason });
  const { adjustment, balanceNano } = made.value;
  const done = adjustment.amountNano < 0n ? -adjustment.amountNano : adjustment.amountNano;
  const words = kind === "reset" ? `The balance of ${user.email} was reset.` : `${displayCoins(done)} coins ${KINDS[kind]} ${user.email}.`;
  return redirect(`/admin/users/${user.id}`, good(`${words} It is ${displayCoins(balanceNano)} now.`));
}

function kindOf(text: string): keyof typeof KINDS {
  if (text === "grant" || text === "take" || text === "reset") return text;
  throw new NotFound();
}
