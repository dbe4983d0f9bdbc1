import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { CatalogModel } from "../../domain/modelCatalog";
import { at, snapshotOf, type SnapshotText } from "../../domain/testing/snapshots";

/** For the tests of services: a snapshot with models, and of the rest only what a service reads. */
export interface ServiceSnapshotText extends SnapshotText {
  readonly models?: readonly (Partial<CatalogModel> & { readonly name: string })[];
  readonly apiConsent?: boolean;
  readonly monitoringToken?: string;
  readonly renewOnChange?: boolean;
}

export function modelOf(fields: Partial<CatalogModel> & { readonly name: string }): CatalogModel {
  return {
    at: at(50), disabled: false, needsAck: false, notice: "Be kind.", noticeHash: "hash-1",
    price: { inputPerMillionNano: 500_000_000n, outputPerMillionNano: 1_000_000_000n },
    inputModalities: ["text"], outputModalities: ["text"], maxConcurrency: 0, capabilities: ["chat"], storedReferences: false, endpoints: [],
    ...fields,
  };
}

export function serviceSnapshot(text: ServiceSnapshotText = {}): ConfigSnapshot {
  const models = (text.models ?? [{ name: "dummy" }]).map(modelOf);
  const read: Partial<ConfigSnapshot> = {
    ...snapshotOf({ defaultAccess: "whitelist", defaultPool: { max: "100", refresh: "1" }, ...text }),
    revision: "r1", file: "config.yaml", loadedAt: 0,
    models: new Map(models.map((model) => [model.name, model])),
    admins: new Set(),
    api: { consent: text.apiConsent ?? true, corsOrigins: ["*"], ...(text.monitoringToken === undefined ? {} : { monitoringToken: text.monitoringToken }) },
    rateLimiting: { windows: [], concurrent: 0 },
    consent: { renewOnChange: text.renewOnChange ?? true },
  };
  return read as ConfigSnapshot;
}
