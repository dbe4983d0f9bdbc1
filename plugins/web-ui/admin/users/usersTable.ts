import { groupsOf } from "../../../../core/domain/groups";
import { poolTermsOf } from "../../../../core/domain/ownerSettings";
import { poolBalanceView } from "../../../../core/domain/poolBalanceView";
import { listUserRows, type UserRow } from "../../../../core/services/users/listUserRows";
import { isAdmin } from "../../../../core/services/signIn/firstAdmin";
import { tableView, type Cell, type TableDefinition } from "../../tables/tableView";
import type { Visit } from "../../visit";

/** Everybody; cells are made for the rows of one page alone. */
export async function usersTable(visit: Visit): Promise<object> {
  return tableView(definition(visit), await listUserRows(visit.deps), visit.query, "/admin/users");
}

function definition({ snapshot, deps }: Visit): TableDefinition<UserRow> {
  const now = deps.clock();
  const balance = ({ user, pool }: UserRow) => poolBalanceView(poolTermsOf(user, snapshot).terms, pool, now);
  return {
    id: "users",
    caption: "Users",
    sort: "email",
    pageSize: 50,
    search: { label: "Search name or e-mail", text: ({ user }) => `${user.name} ${user.email}` },
    checks: [{ name: "inactive", label: "Show deactivated", hides: ({ user }) => !user.active }],
    empty: "Nobody matches. Shorten the search, or make a new user.",
    columns: [
      { key: "name", label: "Name", value: ({ user }) => user.name, cell: ({ user }) => ({ kind: "link", text: user.name, href: `/admin/users/${user.id}` }) },
      { key: "email", label: "E-mail", value: ({ user }) => user.email, cell: ({ user }) => ({ kind: "text", text: user.email }) },
      { key: "groups", label: "Groups", cell: ({ user }) => ({ kind: "text", text: groupsOf(user, snapshot).join(", ") || "–" }) },
      { key: "signed-in", label: "Last sign-in", descendingFirst: true, value: ({ user }) => user.lastSignInAt ?? 0, cell: ({ user }) => ({ kind: "time", value: user.lastSignInAt }) },
      { key: "balance", label: "Balance", numeric: true, value: (row) => sortable(balance(row)), cell: (row) => balanceCell(balance(row)) },
      { key: "spent", label: "Coins used", numeric: true, value: ({ totals }) => totals?.costNano ?? 0n, cell: ({ totals }) => ({ kind: "coins", value: totals?.costNano ?? 0n }) },
      { key: "requests", label: "Requests", numeric: true, value: ({ totals }) => totals?.requests ?? 0, cell: ({ totals }) => ({ kind: "number", value: totals?.requests ?? 0 }) },
      { key: "active", label: "Status", value: ({ user }) => (user.active ? 0 : 1), cell: ({ user }) => statusCell(user.active, isAdmin(user, snapshot)) },
    ],
  };
}

type Balance = ReturnType<typeof poolBalanceView>;

function balanceCell(view: Balance): Cell {
  if (view.kind === "limited") return { kind: "coins", value: view.balanceNano };
  return { kind: "text", text: view.kind === "unlimited" ? "Unlimited" : view.kind === "blocked" ? "Blocked" : "Not configured" };
}

/** Unlimited above every number, nothing below all. */
function sortable(view: Balance): bigint {
  if (view.kind === "limited") return view.balanceNano;
  return view.kind === "unlimited" ? 10n ** 30n : view.kind === "blocked" ? -1n : -2n;
}

function statusCell(active: boolean, admin: boolean): Cell {
  if (!active) return { kind: "badge", text: "Deactivated", tone: "bad" };
  return admin ? { kind: "badge", text: "Admin", tone: "quiet" } : { kind: "badge", text: "Active", tone: "good" };
}
