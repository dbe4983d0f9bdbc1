import type { ApiKey } from "../../../core/domain/apiKey";
import type { CatalogModel } from "../../../core/domain/modelCatalog";
import type { Owner } from "../../../core/domain/owner";
import { modelDecision } from "../../../core/services/modelAccess";
import type { MemberVisit } from "../visit";

/** The models that this owner, with this key, may call now, in the order of the configuration. */
export async function usableModels(visit: MemberVisit, owner: Owner, apiKey?: Pick<ApiKey, "models">): Promise<readonly CatalogModel[]> {
  const { deps, snapshot } = visit;
  const models = [...snapshot.models.values()];
  const decided = await Promise.all(models.map(({ name }) => modelDecision(deps, snapshot, owner, apiKey, name, "api")));
  return models.filter((_, index) => decided[index]?.decision?.verdict === "allowed");
}
