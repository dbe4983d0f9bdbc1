import { ownerPageOf } from "../ownerPages";
import { part, redirect, type MemberVisit, type Reply } from "../visit";
import { keysTable } from "./keysSection";

/** Where the table's own links and search go: a swap gets the table, a browser without script the page that it is on. */
export async function showKeys(visit: MemberVisit): Promise<Reply> {
  const { owner, base } = await ownerPageOf(visit);
  const place = `${base}?${visit.query.toString()}`;
  if (!visit.isSwap) return redirect(`${place}#keys`);
  return part("partials/table", await keysTable(visit, owner, base, visit.query), { headers: { "hx-push-url": place } });
}
