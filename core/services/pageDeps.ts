import type { Avatars } from "../adapters/avatars/openAvatars";
import type { KeyMaterial } from "../adapters/keys/types";
import type { OpenIdClient } from "../adapters/oidc/types";
import type { PasswordHashes } from "../adapters/passwords/types";
import type { UpstreamPool } from "../adapters/upstream/upstreamPool";
import type { Clock } from "../clock";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { SourcePlace } from "../domain/sourcePlace";
import type { Logger } from "../logger";
import type { Store } from "../stores/types";
import type { ChatServices } from "./chat/types";
import type { ManagerIndex } from "./clients/managerIndex";
import type { SignInThrottle } from "./signIn/signInThrottle";

/** A line that is wrong with the configuration, or a warning. */
export interface ConfigFault {
  readonly severity: "error" | "warning";
  readonly at: SourcePlace;
  readonly message: string;
}

/** A text read as the server reads its file, without putting it in force. */
export interface Candidate {
  /** There unless a fault is an error. */
  readonly snapshot?: ConfigSnapshot;
  readonly faults: readonly ConfigFault[];
  /** The text of each line with a fault, secrets hidden. */
  readonly lines: ReadonlyMap<number, string>;
  readonly restartKeys: readonly string[];
  /** Puts the names of variables of the environment back where their values stand. */
  readonly mask: (text: string) => string;
}

export type ParseCandidate = (text: string, file: string) => Promise<Candidate>;

/** A change of the file that was refused. */
export interface RefusedConfig {
  readonly at: number;
  readonly faults: readonly ConfigFault[];
  readonly lines: ReadonlyMap<number, string>;
}

export interface ConfigStatus {
  readonly stale: boolean;
  readonly faults: readonly ConfigFault[];
  readonly revision: string;
  readonly loadedAt: number;
  /** The last one since this process started, put right or not. */
  readonly refused?: RefusedConfig;
  /** Keys of the file in force that differ from what the process started with (docs/rules.md R3). */
  readonly restartKeys?: readonly string[];
}

/** What the pages' use cases stand on: handed to each as its first argument. */
export interface PageDeps {
  readonly store: Store;
  readonly keys: KeyMaterial;
  readonly passwords: PasswordHashes;
  readonly openId: OpenIdClient;
  readonly signInThrottle: SignInThrottle;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly upstreams: UpstreamPool;
  readonly avatars: Avatars;
  /** Which clients somebody manages, without a walk over all. */
  readonly managers: ManagerIndex;
  readonly chat: ChatServices;
  /** Of the visitor, set for each visit: it goes into the audit log. */
  readonly address?: string;
  readonly config: {
    get(): ConfigSnapshot;
    status(): ConfigStatus;
  };
  readonly parseCandidate: ParseCandidate;
}
