import type { Store } from "../../stores/types";
import type { Authentication } from "../authenticateApiKey";
import { findOwner } from "../findOwner";
import type { CallerFacts, ChatPasses } from "./chatPasses";

/** Who is behind a call of the chat: the same answer as for a key, without one (docs/rules.md K4). */
export async function authenticatePass(
  deps: { readonly store: Pick<Store, "users" | "clients">; readonly passes: ChatPasses }, presented: string, caller: CallerFacts | undefined,
): Promise<Authentication> {
  const pass = deps.passes.use(presented, caller);
  if (!pass) return { ok: false, reason: "unknown" };
  const owner = await findOwner(deps, pass.ownerId);
  return owner?.active ? { ok: true, via: "chat", owner } : { ok: false, reason: "owner_inactive" };
}
