import { pageQuery, type OwnerPage } from "../ownerPages";
import { part, redirect, type MemberVisit, type Reply, type Toast } from "../visit";
import { keysTable } from "./keysSection";

/** Closes the dialog and shows the table as it is now; without script, the page. */
export async function keysChanged(visit: MemberVisit, { owner, base }: OwnerPage, toast: Toast): Promise<Reply> {
  if (!visit.isSwap) return redirect(`${base}#keys`, toast);
  return part("keys/changed", { table: await keysTable(visit, owner, base, pageQuery(visit)) }, { toast });
}
