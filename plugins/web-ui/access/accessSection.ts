import type { Owner } from "../../../core/domain/owner";
import { totalTokens } from "../../../core/domain/usage";
import { modelStatusCell } from "../models/modelStatus";
import { tableView, type Cell, type TableDefinition } from "../tables/tableView";
import type { MemberVisit } from "../visit";
import { accessRows, type AccessRow } from "./accessRows";

/**
 * The models with one owner's access and use of them: the model of views/access/section.hbs.
 * @param base the page that it is a part of: `/profile` or `/clients/<id>`
 */
export async function accessSection(visit: MemberVisit, owner: Owner, base: string, query = visit.query): Promise<object> {
  return { base, table: await accessTable(visit, owner, base, query) };
}

/** The table alone: what a swap after sorting, searching or a change brings. */
export async function accessTable(visit: MemberVisit, owner: Owner, base: string, query: URLSearchParams): Promise<object> {
  return tableView(definition(base), await accessRows(visit, owner), query, `${base}/access`);
}

function definition(base: string): TableDefinition<AccessRow> {
  return {
    id: "access",
    caption: "Model Access",
    sort: "model",
    search: { label: "Filter models by name", text: ({ model }) => model.name },
    checks: [{ name: "disabled", label: "Show disabled", hides: ({ model }) => model.disabled }],
    empty: "No models here.",
    columns: [
      { key: "model", label: "Model", value: ({ model }) => model.name, cell: ({ model }) => ({ kind: "link", text: model.name, href: `/models/${encodeURIComponent(model.name)}` }) },
      { key: "requests", label: "Requests", numeric: true, value: ({ totals }) => totals?.requests ?? 0, cell: ({ totals }) => ({ kind: "number", value: totals?.requests }) },
      { key: "tokens", label: "Tokens", numeric: true, value: ({ totals }) => totalTokens(totals), cell: ({ totals }) => ({ kind: "number", value: totals && totalTokens(totals) }) },
      { key: "coins", label: "Coins", numeric: true, value: ({ totals }) => totals?.costNano ?? 0n, cell: ({ totals }) => ({ kind: "coins", value: totals?.costNano }) },
      {
        key: "used", label: "Last Used", descendingFirst: true, value: ({ totals }) => totals?.lastUsedAt ?? 0,
        cell: ({ totals }) => ({ kind: "time", value: totals?.lastUsedAt }),
      },
      { key: "access", label: "Access", value: ({ access }) => access.label, cell: (row) => accessCell(base, row) },
      { key: "status", label: "Status", value: ({ status }) => status, cell: ({ status }) => modelStatusCell(status) },
    ],
  };
}

function accessCell(base: string, { model, access }: AccessRow): Cell {
  const place = `${base}/access/${encodeURIComponent(model.name)}`;
  const dialog = access.kind === "blocked" ? "why" : access.kind === "allowed" ? undefined : "consent";
  return { kind: "view", view: "access/badge", model: { ...access, name: model.name, isBlocked: access.kind === "blocked", href: dialog && `${place}/${dialog}` } };
}
