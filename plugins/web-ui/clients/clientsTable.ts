import type { ClientUsage } from "../../../core/services/clients/visibleClients";
import { tableView, type TableDefinition } from "../tables/tableView";

const TABLE: TableDefinition<ClientUsage> = {
  id: "clients",
  caption: "Clients",
  sort: "name",
  search: { label: "Search by name", text: ({ client }) => client.name },
  pageSize: 100,
  empty: "No client has this name.",
  columns: [
    { key: "name", label: "Name", cell: ({ client }) => ({ kind: "link", text: client.name, href: `/clients/${client.id}` }), value: ({ client }) => client.name },
    { key: "managers", label: "Managers", numeric: true, cell: ({ client }) => ({ kind: "number", value: client.managers.length }), value: ({ client }) => client.managers.length },
    { key: "active", label: "Active", cell: ({ client }) => ({ kind: "view", view: "clients/active", model: { active: client.active } }), value: ({ client }) => (client.active ? "active" : "deactivated") },
    { key: "requests", label: "Requests", numeric: true, cell: ({ requests }) => ({ kind: "number", value: requests }), value: ({ requests }) => requests },
    { key: "tokens", label: "Tokens Used", numeric: true, cell: ({ tokens }) => ({ kind: "number", value: tokens }), value: ({ tokens }) => tokens },
    { key: "coins", label: "Coins", numeric: true, cell: ({ costNano }) => ({ kind: "coins", value: costNano }), value: ({ costNano }) => costNano },
    { key: "created", label: "Created", descendingFirst: true, cell: ({ client }) => ({ kind: "time", value: client.createdAt }), value: ({ client }) => client.createdAt },
  ],
};

/** The table of `/clients`, as the address asks for it. */
export function clientsTable(rows: readonly ClientUsage[], query: URLSearchParams): object {
  const empty = rows.length === 0 ? "There are no clients yet." : TABLE.empty;
  return tableView({ ...TABLE, empty }, rows, query, "/clients");
}
