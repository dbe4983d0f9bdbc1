import { accessRows, type AccessRow } from "../access/accessRows";
import { tableView, type TableDefinition } from "../tables/tableView";
import { page, part, type MemberVisit, type Reply } from "../visit";
import { modelStatusCell } from "./modelStatus";

interface ModelRow extends AccessRow {
  readonly healthy: number;
  readonly configured: number;
}

/** Every model of the configuration: how it is, what it costs, and what the visitor may do with it. */
export async function showModels(visit: MemberVisit): Promise<Reply> {
  const { upstreams } = visit.deps;
  const rows = (await accessRows(visit, visit.user)).map((row): ModelRow => ({ ...row, ...upstreams.healthy(row.model) }));
  const table = tableView(TABLE, rows, visit.query, "/models");
  return visit.isSwap ? part("partials/table", table) : page("models/list", "Models", { table });
}

export const modelPath = (name: string): string => `/models/${encodeURIComponent(name)}`;

const TABLE: TableDefinition<ModelRow> = {
  id: "models",
  caption: "Models",
  sort: "name",
  pageSize: 100,
  search: { label: "Filter models by name", text: ({ model }) => `${model.name} ${model.description ?? ""}` },
  checks: [{ name: "disabled", label: "Show disabled", hides: ({ model }) => model.disabled }],
  empty: "No model fits. Clear the filter, or ask an administrator.",
  columns: [
    { key: "name", label: "Model", value: ({ model }) => model.name, cell: ({ model }) => ({ kind: "link", text: model.name, href: modelPath(model.name) }) },
    { key: "status", label: "Status", value: ({ status }) => status, cell: ({ status }) => modelStatusCell(status) },
    {
      key: "healthy", label: "Healthy", numeric: true, value: ({ healthy }) => healthy,
      cell: ({ model, healthy, configured }) => ({ kind: "text", text: model.disabled ? "–" : `${healthy} of ${configured}` }),
    },
    { key: "context", label: "Context", numeric: true, value: ({ model }) => model.contextWindow ?? 0, cell: ({ model }) => ({ kind: "number", value: model.contextWindow }) },
    { key: "modalities", label: "Modalities", value: modalities, cell: (row) => ({ kind: "text", text: modalities(row) }) },
    { key: "input", label: "Input / million", numeric: true, value: ({ model }) => model.price.inputPerMillionNano, cell: ({ model }) => ({ kind: "coins", value: model.price.inputPerMillionNano }) },
    { key: "output", label: "Output / million", numeric: true, value: ({ model }) => model.price.outputPerMillionNano, cell: ({ model }) => ({ kind: "coins", value: model.price.outputPerMillionNano }) },
    { key: "requests", label: "Requests", numeric: true, value: ({ totals }) => totals?.requests ?? 0, cell: ({ totals }) => ({ kind: "number", value: totals?.requests ?? 0 }) },
    { key: "consent", label: "Consent", value: consentText, cell: (row) => ({ kind: "text", text: consentText(row) }) },
    {
      key: "access", label: "My access", value: ({ access }) => access.label,
      cell: ({ model, access }) => ({ kind: "badge", text: access.label, tone: access.tone, href: `${modelPath(model.name)}#access` }),
    },
  ],
};

function modalities({ model: { inputModalities, outputModalities } }: ModelRow): string {
  const [input, output] = [inputModalities.join(", "), outputModalities.join(", ")];
  return input === output ? input : `${input} → ${output}`;
}

function consentText({ access, model }: ModelRow): string {
  return access.kind === "consented" ? "given" : access.kind === "needs-consent" || model.needsAck ? "needed" : "not needed";
}
