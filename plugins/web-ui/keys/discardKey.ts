import { discardApiKey } from "../../../core/services/saveApiKey";
import { ownerPageOf } from "../ownerPages";
import { good, type MemberVisit, type Reply } from "../visit";
import { keysChanged } from "./keysChanged";

/** K1: a discarded key never was. */
export async function discardKey(visit: MemberVisit): Promise<Reply> {
  const page = await ownerPageOf(visit);
  await discardApiKey(visit.deps, page.owner, visit.params["keyId"] ?? "");
  return keysChanged(visit, page, good("The key was discarded. It never worked."));
}
