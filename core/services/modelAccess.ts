import type { AccessLayers, Decision } from "../domain/accessPolicy";
import type { ApiKey } from "../domain/apiKey";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { consentId, consentState } from "../domain/consent";
import { decideAccess } from "../domain/decideAccess";
import type { CatalogModel } from "../domain/modelCatalog";
import type { Owner } from "../domain/owner";
import { accessLayersOf } from "../domain/ownerSettings";
import type { Store } from "../stores/types";

export interface ModelAccessDeps {
  readonly store: Pick<Store, "consents">;
}

/** Both are undefined where the catalog has no model of this name. */
export interface ModelDecision {
  readonly model?: CatalogModel;
  readonly decision?: Decision;
}

/** Layers are worked out once for each snapshot and owner row: both are immutable, and a change of either is a new object. */
const layersBySnapshot = new WeakMap<ConfigSnapshot, WeakMap<Owner, AccessLayers>>();

/**
 * May this owner, with this key, use this model now, and why? Enforcement, pages and `lumen explain` all ask here, so that
 * they cannot differ (docs/rules.md A6).
 * @param apiKey undefined where no key is involved: the web chat, an explanation for the owner alone
 * @param via the path of the call: `api.consent: false` frees the API alone (S4)
 */
export async function modelDecision(
  deps: ModelAccessDeps,
  snapshot: ConfigSnapshot,
  owner: Owner,
  apiKey: Pick<ApiKey, "models"> | undefined,
  modelName: string,
  via: "api" | "chat",
): Promise<ModelDecision> {
  const model = snapshot.models.get(modelName);
  if (!model) return {};
  const consent = await deps.store.consents.get(consentId(owner.id, model.name));
  const decision = decideAccess(layersOf(snapshot, owner), model, {
    consent: consentState(consent, model.noticeHash, snapshot.consent.renewOnChange),
    consentNeeded: via === "chat" || snapshot.api.consent,
    keyModels: apiKey?.models,
  });
  return { model, decision };
}

function layersOf(snapshot: ConfigSnapshot, owner: Owner): AccessLayers {
  let byOwner = layersBySnapshot.get(snapshot);
  if (!byOwner) layersBySnapshot.set(snapshot, (byOwner = new WeakMap()));
  let layers = byOwner.get(owner);
  if (!layers) byOwner.set(owner, (layers = accessLayersOf(owner, snapshot)));
  return layers;
}
