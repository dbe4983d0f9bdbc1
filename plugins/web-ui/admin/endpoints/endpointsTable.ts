import type { EndpointView } from "../../../../core/adapters/upstream/pooledEndpoint";
import type { ModelStatus } from "../../../../core/adapters/upstream/upstreamPool";
import type { CatalogModel, UpstreamEndpoint } from "../../../../core/domain/modelCatalog";
import { STATUS_TONES } from "../../models/modelStatus";
import { tableView, type Cell, type TableDefinition } from "../../tables/tableView";
import type { Visit } from "../../visit";

interface Row {
  readonly model: CatalogModel;
  readonly modelStatus: ModelStatus;
  readonly endpoint: UpstreamEndpoint;
  readonly view: EndpointView;
}

const STATUS: Readonly<Record<EndpointView["availability"], Cell>> = {
  up: { kind: "badge", text: "Up", tone: "good" },
  trial: { kind: "badge", text: "Half-open", tone: "warn" },
  doubted: { kind: "badge", text: "Doubted", tone: "warn" },
  down: { kind: "badge", text: "Down", tone: "bad" },
};
const ORDER: Readonly<Record<EndpointView["availability"], number>> = { down: 0, doubted: 1, trial: 2, up: 3 };

const TABLE: TableDefinition<Row> = {
  id: "endpoints",
  caption: "Endpoints of the models",
  sort: "model",
  pageSize: 100,
  search: { label: "Search models and addresses", text: ({ model, endpoint }) => `${model.name} ${endpoint.url}` },
  empty: "No model has an endpoint. Add one under models in config.yaml.",
  columns: [
    { key: "model", label: "Model", cell: modelCell, value: ({ model }) => model.name },
    { key: "endpoint", label: "Endpoint", cell: ({ endpoint }) => ({ kind: "view", view: "admin/endpoint-address", model: addressOf(endpoint) }), value: ({ endpoint }) => endpoint.url },
    { key: "status", label: "Status", cell: statusCell, value: ({ view }) => ORDER[view.availability] },
    { key: "running", label: "In flight", numeric: true, cell: ({ view, endpoint }) => ({ kind: "text", text: `${view.running} / ${endpoint.maxConcurrency || "∞"}` }), value: ({ view }) => view.running },
    { key: "served", label: "Served", numeric: true, cell: ({ view }) => ({ kind: "number", value: view.served }), value: ({ view }) => view.served },
    { key: "failed", label: "Failed", numeric: true, cell: ({ view }) => ({ kind: "number", value: view.failed }), value: ({ view }) => view.failed },
    { key: "probe", label: "Last probe", cell: ({ view }) => ({ kind: "view", view: "admin/endpoint-probe", model: { probe: view.lastProbe } }), value: ({ view }) => view.lastProbe?.at ?? 0, descendingFirst: true },
    { key: "failure", label: "Last failure", cell: ({ view }) => ({ kind: "view", view: "admin/endpoint-failure", model: { failure: view.lastFailure } }), value: ({ view }) => view.lastFailure?.at ?? 0, descendingFirst: true },
    { key: "actions", label: "Actions", hidden: true, cell: ({ model, endpoint }) => ({ kind: "view", view: "admin/endpoint-actions", model: { model: model.name, endpoint: endpoint.id, disabled: model.disabled } }) },
  ],
};

/** Every endpoint of every model as it is now. */
export function endpointsTable({ snapshot, deps, query }: Pick<Visit, "snapshot" | "deps" | "query">): object {
  const rows = [...snapshot.models.values()].flatMap((model) => {
    const modelStatus = deps.upstreams.status(model);
    return model.endpoints.map((endpoint): Row => ({ model, modelStatus, endpoint, view: deps.upstreams.endpoint(endpoint) }));
  });
  return tableView(TABLE, rows, query, "/admin/endpoints");
}

function modelCell({ model, modelStatus }: Row): Cell {
  return { kind: "view", view: "admin/endpoint-model", model: { name: model.name, status: modelStatus, tone: STATUS_TONES[modelStatus] } };
}

function statusCell({ model, view }: Row): Cell {
  if (model.disabled) return { kind: "badge", text: "Not asked", tone: "quiet" };
  if (view.availability === "up" && view.unlisted) return { kind: "badge", text: "Model not listed", tone: "warn" };
  return STATUS[view.availability];
}

/** Without what must not be shown: a name and password in the address. */
function addressOf({ url, model }: UpstreamEndpoint): object {
  if (url === "demo:") return { address: "built-in demo server", model };
  try {
    const parsed = new URL(url);
    return { address: `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/$/, "")}`, model };
  } catch {
    return { address: "an address that cannot be read", model };
  }
}
