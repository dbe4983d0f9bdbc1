import { createHash } from "node:crypto";
import type { ConfigSnapshot, RateWindow } from "../../domain/configSnapshot";
import { asMap, type ConfigTree } from "../configTree";
import type { ConfigFile } from "../schema/root";
import { buildModels } from "./buildModels";
import { buildClients, buildGroups, buildPool, buildUsers, withDevUser } from "./buildOwners";
import { buildSections, given, megabytes } from "./buildSections";

export interface SnapshotOrigin {
  readonly file: string;
  readonly text: string;
  readonly loadedAt: number;
}

/** A valid file as the one immutable value that requests read (R1). */
export function buildSnapshot(tree: ConfigTree, read: ConfigFile, origin: SnapshotOrigin): ConfigSnapshot {
  const { api, app, coins, server, defaults } = read;
  return {
    revision: revisionOf(origin.text),
    file: origin.file,
    loadedAt: origin.loadedAt,
    models: buildModels(tree, read),
    groups: buildGroups(tree, read.groups),
    users: withDevUser(tree, buildUsers(tree, read.users), read.app),
    clients: buildClients(tree, read.clients),
    defaults: {
      access: { value: defaults.models.access, at: asMap(tree.get(["defaults", "models"]))?.["access"] ? tree.at(["defaults", "models", "access"]) : undefined },
      pool: defaults.tokens === undefined ? undefined : buildPool(tree, ["defaults", "tokens"], defaults.tokens),
    },
    admins: new Set(read.admins),
    api: { consent: api.consent, monitoringToken: given(api.monitoring.token), corsOrigins: api.cors.origins },
    rateLimiting: { windows: windowsOf(read.rate_limiting.limit), concurrent: read.rate_limiting.concurrent },
    coins: {
      freeModelsWhenExhausted: coins.free_models_when_exhausted,
      minimumOutputTokens: coins.minimum_output_tokens,
      defaultOutputTokens: coins.default_output_tokens,
      lowBalancePercent: coins.low_balance_percent,
    },
    consent: { renewOnChange: read.consent.renew_on_change },
    server: {
      bodyLimitBytes: megabytes(server.body_limit_mb),
      graceMs: Math.round(server.grace_seconds * 1000),
      trustProxy: server.trust_proxy,
      workers: server.workers,
    },
    app: { name: app.name, ...(app.base_url === undefined ? {} : { baseUrl: app.base_url.replace(/\/+$/, "") }), debug: app.debug },
    logs: app.logs,
    demo: { enabled: read.demo.enabled },
    store: { url: read.store.url, leaseSeconds: read.store.lease_seconds },
    sections: buildSections(read),
  };
}

/** SHA-256 of the file, first 12 hex digits. */
export function revisionOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

function windowsOf(limit: ConfigFile["rate_limiting"]["limit"]): readonly RateWindow[] {
  return (limit ?? []).flat();
}
