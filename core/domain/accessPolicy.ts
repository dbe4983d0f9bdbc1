import type { ConsentState } from "./consent";
import type { Placed, SourcePlace } from "./sourcePlace";

export type AccessWord = "whitelist" | "blacklist" | "graylist";

/** What one layer's `model_access` says. A name in two lists was brought to the stricter word at load (docs/rules.md A3). */
export interface AccessRules {
  readonly default?: Placed<AccessWord>;
  readonly models: ReadonlyMap<string, Placed<AccessWord>>;
}

/** One layer that is asked, with the name that people see: `clients.research-bot`, `groups.staff`, `users.default`. */
export interface AccessLayer {
  readonly kind: "own" | "group" | "owners-default";
  readonly name: string;
  readonly rules?: AccessRules;
  /** The line of the layer itself. */
  readonly at?: SourcePlace;
}

/** Everything that access of one owner is decided from, worked out once per snapshot and owner. */
export interface AccessLayers {
  readonly own?: AccessLayer;
  readonly groups: readonly AccessLayer[];
  readonly ownersDefault?: AccessLayer;
  readonly globalDefault: Placed<AccessWord>;
  /**
   * A named client entry shuts out everything below it: what it and its groups do not name falls to its own default,
   * and without one to blacklist (A2, P4).
   */
  readonly ownEntryIsWhole: boolean;
}

/** The model's side of a decision. */
export interface AccessSubject {
  readonly name: string;
  readonly disabled: boolean;
  readonly access?: Placed<AccessWord>;
  readonly needsAck: boolean;
  readonly at?: SourcePlace;
}

export interface Reason {
  readonly stage: "disabled" | "named" | "model" | "default" | "needs_ack" | "consent" | "key";
  /** The layer that was asked: `clients.research-bot`, `groups.staff`, `model`, `defaults.models`. */
  readonly layer: string;
  /** What it said; undefined: nothing. */
  readonly said?: string;
  readonly at?: SourcePlace;
}

/** The outcome and every layer that was asked on the way (A6). `decidedBy` is one of `reasons`. */
export interface Decision {
  readonly verdict: "allowed" | "denied" | "consent_required" | "disabled";
  /** True where consent was needed, given or not. */
  readonly needsConsent: boolean;
  readonly consent: ConsentState;
  readonly decidedBy: Reason;
  readonly reasons: readonly Reason[];
}
