import { coinPill } from "../coinPill";
import { part, redirect, type MemberVisit, type Reply } from "../visit";

/** The balance of the header alone, for pages that have spent some of it. */
export async function showCoinPill(visit: MemberVisit): Promise<Reply> {
  if (!visit.isSwap) return redirect("/usage");
  return part("partials/coin-pill", await coinPill(visit, visit.user));
}
