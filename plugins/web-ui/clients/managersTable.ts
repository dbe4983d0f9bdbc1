import type { Client, User } from "../../../core/domain/owner";
import { questions } from "../dialogs/questions";
import { tableView, type Column } from "../tables/tableView";

export interface ManagersTableOptions {
  readonly client: Client;
  /** Only administrators take managers away (docs/rules.md, Roles). */
  readonly canRemove: boolean;
}

/** Its element's id: what htmx names when it asks for this table alone. */
export const MANAGERS_TABLE = "managers";

export function managersTable(managers: readonly User[], query: URLSearchParams, { client, canRemove }: ManagersTableOptions): object {
  const columns: Column<User>[] = [
    { key: "name", label: "Name", cell: ({ name }) => ({ kind: "text", text: name }), value: ({ name }) => name },
    { key: "email", label: "E-mail", cell: ({ email }) => ({ kind: "text", text: email }), value: ({ email }) => email },
  ];
  const remove: Column<User> = {
    key: "remove", label: "Remove", hidden: true, numeric: true,
    cell: ({ id, name }) => ({ kind: "view", view: "clients/remove-manager", model: { clientId: client.id, userId: id, name, asks: questions.removeManager(name, client.name) } }),
  };
  return tableView({
    id: MANAGERS_TABLE, caption: "Managers", sort: "name",
    columns: canRemove ? [...columns, remove] : columns,
    empty: "Nobody manages this client yet. Only administrators see it.",
    isStruck: ({ active }) => !active,
  }, managers, query, `/clients/${client.id}`);
}
