import { allRows } from "../allRows";
import { eraseConversation } from "./deleteConversation";
import type { ChatDeps } from "./types";

const DAY_MS = 24 * 3_600_000;

/** Erases what nobody wrote in for `retention.conversations_days`; 0 keeps everything. @returns how many */
export async function sweepConversations(deps: Pick<ChatDeps, "store" | "clock" | "config">): Promise<number> {
  const { conversationsDays } = deps.config.get().sections.retention;
  if (conversationsDays <= 0) return 0;
  const before = deps.clock() - conversationsDays * DAY_MS;
  let erased = 0;
  for await (const row of allRows(deps.store.conversations)) {
    if (row.updatedAt >= before) continue;
    await eraseConversation(deps, row.id);
    erased += 1;
  }
  return erased;
}
