import type { Decision } from "../../../../core/domain/accessPolicy";
import type { CatalogModel } from "../../../../core/domain/modelCatalog";
import { ownerLabel, type Owner } from "../../../../core/domain/owner";
import { poolTermsOf } from "../../../../core/domain/ownerSettings";
import { poolWords } from "../../../../core/services/configDiff/poolDiff";
import { rateWords } from "../../../../core/services/configDiff/settingsDiff";
import { describeReason, explainAccess } from "../../../../core/services/explainAccess";
import { modelDecision } from "../../../../core/services/modelAccess";
import { resolveOwner } from "../../../../core/services/resolveOwner";
import { groupReasons } from "../../../../core/services/users/groupReasons";
import { placeText } from "../place";
import { tableView, type Cell, type TableDefinition } from "../../tables/tableView";
import type { Visit } from "../../visit";

interface Row {
  readonly model: CatalogModel;
  readonly decision: Decision;
}

const VERDICTS: Readonly<Record<Decision["verdict"], { readonly text: string; readonly tone: "good" | "warn" | "bad" | "quiet" }>> = {
  allowed: { text: "Allowed", tone: "good" },
  consent_required: { text: "Needs consent", tone: "warn" },
  denied: { text: "Blocked", tone: "bad" },
  disabled: { text: "Disabled", tone: "quiet" },
};

/** What holds for one owner now, and which line says so; undefined where nobody was asked for. */
export async function effectiveModel(visit: Visit): Promise<object | undefined> {
  const { query, deps, snapshot } = visit;
  const name = (query.get("owner") ?? query.get("user") ?? query.get("client") ?? "").trim().slice(0, 254);
  if (name === "") return undefined;
  const found = await resolveOwner(deps, name.includes("@") ? { user: name } : { client: name });
  if (!found.ok) return { name, error: found.message };
  const owner = found.value;
  const { terms, from, at } = poolTermsOf(owner, snapshot);
  return {
    name,
    label: ownerLabel(owner), isUser: owner.kind === "user",
    href: owner.kind === "user" ? `/admin/users/${owner.id}` : `/clients/${owner.id}`,
    inactive: !owner.active,
    groups: groupReasons(owner, snapshot).map(({ group, why, at: place }) => ({ group, why: why.join("; "), place: placeText(place) })),
    pool: { ...poolWords(terms), from, ...(at ? { place: placeText(at) } : {}) },
    rate: rateWords(snapshot),
    verdicts: await verdictsTable(visit, owner, name),
    ...(await whyModel(visit, owner)),
  };
}

/** A6: the same explanation as `lumen explain` gives. */
async function whyModel({ query, deps, snapshot }: Visit, owner: Owner): Promise<object> {
  const model = (query.get("model") ?? "").trim().slice(0, 200);
  if (model === "") return {};
  const explained = await explainAccess(deps, snapshot, { owner, model, via: query.get("via") === "chat" ? "chat" : "api" });
  if (!explained.ok) return { why: { model, error: explained.message } };
  const { summary, reasons, decidedBy } = explained.value;
  const isDeciding = (reason: (typeof reasons)[number]) => reason.stage === decidedBy.stage && reason.layer === decidedBy.layer && reason.line === decidedBy.line;
  return {
    why: {
      model, summary: summary.replaceAll(snapshot.file, placeText({ file: snapshot.file, line: 0 }).replace(/:0$/, "")),
      reasons: reasons.map((reason) => ({
        ...reason, said: reason.said ?? "nothing", decides: isDeciding(reason),
        place: reason.file === null ? "–" : placeText({ file: reason.file, line: reason.line ?? 0 }),
      })),
    },
  };
}

async function verdictsTable(visit: Visit, owner: Owner, name: string): Promise<object> {
  const { snapshot, deps } = visit;
  const rows: Row[] = [];
  for (const model of snapshot.models.values()) {
    const { decision } = await modelDecision(deps, snapshot, owner, undefined, model.name, "api");
    if (decision) rows.push({ model, decision });
  }
  const table: TableDefinition<Row> = {
    id: "verdicts", caption: `Models for ${ownerLabel(owner)}`, sort: "model", empty: "There are no models.",
    search: { label: "Search models", text: ({ model }) => model.name },
    columns: [
      { key: "model", label: "Model", value: ({ model }) => model.name, cell: ({ model }) => ({ kind: "link", text: model.name, href: `/admin/configuration?${new URLSearchParams({ owner: name, model: model.name }).toString()}#why` }) },
      { key: "verdict", label: "Verdict", value: ({ decision }) => VERDICTS[decision.verdict].text, cell: ({ decision }): Cell => ({ kind: "badge", ...VERDICTS[decision.verdict] }) },
      { key: "by", label: "Decided by", cell: ({ decision }) => ({ kind: "text", text: describeReason({ ...decision.decidedBy, at: undefined }) }) },
      { key: "line", label: "Line", cell: ({ decision: { decidedBy: { at } } }) => (at ? { kind: "code", text: placeText(at) } : { kind: "text", text: "–" }) },
    ],
  };
  return tableView(table, rows, visit.query, "/admin/configuration");
}
