import type { Owner } from "../../../core/domain/owner";
import { totalTokens } from "../../../core/domain/usage";
import { listApiKeys, type ListedApiKey } from "../../../core/services/listApiKeys";
import { tableView, type TableDefinition } from "../tables/tableView";
import type { MemberVisit } from "../visit";
import { keyNotes } from "./keyNotes";

/**
 * The API keys of one owner: the model of views/keys/section.hbs.
 * @param base the page that it is a part of: `/profile` or `/clients/<id>`
 */
export async function keysSection(visit: MemberVisit, owner: Owner, base: string, query = visit.query): Promise<object> {
  return { base, table: await keysTable(visit, owner, base, query) };
}

/** The table alone: what a swap after sorting, searching or a change brings. */
export async function keysTable(visit: MemberVisit, owner: Owner, base: string, query: URLSearchParams): Promise<object> {
  const rows = await listApiKeys(visit.deps, owner.id);
  return tableView(definition(base, visit.deps.clock()), rows, query, `${base}/keys`);
}

function definition(base: string, now: number): TableDefinition<ListedApiKey> {
  return {
    id: "keys",
    caption: "API Keys",
    sort: "name",
    search: { label: "Filter keys by name", text: ({ apiKey }) => `${apiKey.name} ${apiKey.hint}` },
    checks: [{ name: "deleted", label: "Show deleted keys", hides: isDeleted }],
    empty: "No keys here yet. New API Key makes one.",
    rowId: ({ apiKey }) => `key-${apiKey.id}`,
    isStruck: isDeleted,
    columns: [
      {
        key: "name", label: "Name", value: ({ apiKey }) => apiKey.name,
        cell: ({ apiKey }) => ({ kind: "view", view: "keys/name", model: { name: apiKey.name, notes: isDeleted({ apiKey }) ? [] : keyNotes(apiKey, now) } }),
      },
      { key: "hint", label: "Hint", cell: ({ apiKey }) => ({ kind: "code", text: apiKey.hint }) },
      { key: "requests", label: "Requests", numeric: true, value: ({ totals }) => totals?.requests ?? 0, cell: ({ totals }) => ({ kind: "number", value: totals?.requests }) },
      { key: "tokens", label: "Tokens", numeric: true, value: ({ totals }) => totalTokens(totals), cell: ({ totals }) => ({ kind: "number", value: totals && totalTokens(totals) }) },
      { key: "coins", label: "Coins", numeric: true, value: ({ totals }) => totals?.costNano ?? 0n, cell: ({ totals }) => ({ kind: "coins", value: totals?.costNano }) },
      {
        key: "used", label: "Last Used", descendingFirst: true, value: ({ totals }) => totals?.lastUsedAt ?? 0,
        cell: ({ totals }) => ({ kind: "time", value: totals?.lastUsedAt }),
      },
      {
        key: "actions", label: "Actions", hidden: true,
        cell: ({ apiKey }) => ({ kind: "view", view: "keys/actions", model: { base, id: apiKey.id, name: apiKey.name, isActive: apiKey.status === "active" } }),
      },
    ],
  };
}

const isDeleted = ({ apiKey }: Pick<ListedApiKey, "apiKey">): boolean => apiKey.status === "revoked";
