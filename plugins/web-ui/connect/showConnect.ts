import type { CatalogModel } from "../../../core/domain/modelCatalog";
import { ownDecision } from "../access/accessRows";
import { baseUrlOf } from "../origin";
import { NotFound, page, type MemberVisit, type Reply } from "../visit";
import { callSnippets, toolSnippets } from "./snippets";

/** Ready configuration for programs and tools: for every model that the visitor may use, or for one. */
export async function showConnect(visit: MemberVisit): Promise<Reply> {
  const { snapshot } = visit;
  const usable: CatalogModel[] = [];
  for (const model of snapshot.models.values()) {
    if ((await ownDecision(visit, visit.user, model.name))?.verdict === "allowed") usable.push(model);
  }
  const asked = visit.query.get("model") ?? "";
  const chosen = asked === "" ? undefined : snapshot.models.get(asked);
  if (asked !== "" && !chosen) throw new NotFound();
  const models = chosen ? [chosen] : usable;
  const base = baseUrlOf(visit.req, snapshot);
  const example = chosen ?? models.find(({ capabilities }) => capabilities.includes("chat")) ?? models[0];
  return page("connect/show", "Connect", {
    base: `${base}/v1`, chosen: asked, isWaiting: chosen !== undefined && !usable.includes(chosen), modelHref: chosen && `/models/${encodeURIComponent(asked)}`,
    choices: [...new Set([...usable, ...models])].map(({ name }) => ({ name, isCurrent: name === asked })),
    hasModels: models.length > 0,
    snippets: models.length === 0 ? [] : [...callSnippets(base, example), ...toolSnippets(base, snapshot.app.name, models)],
  });
}
