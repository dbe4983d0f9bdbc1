import { totalTokens } from "../../../core/domain/usage";
import type { Profile } from "../../../core/services/profile/describeProfile";
import { tableView, type TableDefinition } from "../tables/tableView";

type ChatUsage = Profile["chat"];

const TABLE: TableDefinition<ChatUsage> = {
  id: "web-chat",
  caption: "Web Chat Usage",
  sort: "",
  empty: "",
  columns: [
    { key: "conversations", label: "Conversations", numeric: true, cell: ({ conversations }) => ({ kind: "number", value: conversations }) },
    { key: "requests", label: "Requests", numeric: true, cell: ({ totals }) => ({ kind: "number", value: totals.requests }) },
    { key: "tokens", label: "Tokens", numeric: true, cell: ({ totals }) => ({ kind: "number", value: totalTokens(totals) }) },
    { key: "coins", label: "Coins", numeric: true, cell: ({ totals }) => ({ kind: "coins", value: totals.costNano }) },
    { key: "used", label: "Last Used", cell: ({ totals }) => ({ kind: "time", value: totals.lastUsedAt }) },
  ],
};

/** The one row of what was done in the web chat. */
export function chatUsage(chat: ChatUsage): object {
  return tableView(TABLE, [chat], new URLSearchParams(), "/profile");
}
