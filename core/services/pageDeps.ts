import type { KeyMaterial } from "../adapters/keys/types";
import type { UpstreamPool } from "../adapters/upstream/upstreamPool";
import type { Clock } from "../clock";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { SourcePlace } from "../domain/sourcePlace";
import type { Logger } from "../logger";
import type { Store } from "../stores/types";
import type { ManagerIndex } from "./clients/managerIndex";

/** A line that is wrong with the configuration, or a warning. */
export interface ConfigFault {
  readonly severity: "error" | "warning";
  readonly at: SourcePlace;
  readonly message: string;
}

/** What the pages' use cases stand on: handed to each as its first argument. */
export interface PageDeps {
  readonly store: Store;
  readonly keys: KeyMaterial;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly upstreams: UpstreamPool;
  /** Which clients somebody manages, without a walk over all. */
  readonly managers: ManagerIndex;
  /** Of the visitor, set for each visit: it goes into the audit log. */
  readonly address?: string;
  readonly config: {
    get(): ConfigSnapshot;
    status(): { readonly stale: boolean; readonly faults: readonly ConfigFault[]; readonly revision: string; readonly loadedAt: number };
  };
}
