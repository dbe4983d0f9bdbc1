import type { ConfigSnapshot } from "../../domain/configSnapshot";
import { serviceSnapshot, type ServiceSnapshotText } from "../../services/testing/snapshots";

/** What a test says of config.yaml; everything else is as in a gateway with one model, `dummy`, that everybody may use. */
export interface PolicySnapshotText extends ServiceSnapshotText {
  readonly rateLimiting?: Partial<ConfigSnapshot["rateLimiting"]>;
  readonly coins?: Partial<ConfigSnapshot["coins"]>;
  readonly server?: Partial<ConfigSnapshot["server"]>;
  readonly app?: Partial<ConfigSnapshot["app"]>;
}

/** A snapshot with everything that a policy may read. */
export function policySnapshot(text: PolicySnapshotText = {}): ConfigSnapshot {
  return {
    ...serviceSnapshot(text),
    rateLimiting: { windows: [], concurrent: 0, ...text.rateLimiting },
    coins: { freeModelsWhenExhausted: false, minimumOutputTokens: 256, defaultOutputTokens: 4_096, lowBalancePercent: 10, ...text.coins },
    server: { bodyLimitBytes: 1_048_576, graceMs: 1_000, trustProxy: false, workers: 1, ...text.server },
    app: { name: "Lumen", debug: false, ...text.app },
    logs: { level: "info", access: false, model: false },
    demo: { enabled: false },
    store: { url: "", leaseSeconds: 60 },
  };
}
