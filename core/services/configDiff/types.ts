/** Owners that a change is about: all are counted, the first fifty of each kind are named, in alphabetical order. */
export interface AffectedOwners {
  readonly users: number;
  readonly clients: number;
  readonly userNames: readonly string[];
  readonly clientNames: readonly string[];
}

/** How far an owner comes with a model, before any consent is looked at. */
export type Reach = "none" | "consent" | "allowed";

export interface AccessChange {
  readonly model: string;
  readonly change: "gained" | "lost" | "consent_needed" | "consent_dropped";
  readonly before: Reach;
  readonly after: Reach;
  readonly owners: AffectedOwners;
}

/** Amounts are exact decimal texts. */
export interface PoolWords {
  readonly kind: "unlimited" | "limited" | "blocked" | "none";
  readonly max?: string;
  readonly refresh?: string;
  readonly starting?: string;
}

export interface PoolTermsChange {
  readonly before: PoolWords;
  readonly after: PoolWords;
  readonly owners: AffectedOwners;
}

export interface GroupChange {
  readonly name: string;
  readonly change: "added" | "removed" | "changed" | "members";
  readonly joined: AffectedOwners;
  readonly left: AffectedOwners;
}

export interface PriceChange {
  readonly model: string;
  /** As the file calls it: `input_cost_per_million`. */
  readonly key: string;
  /** Null: not set. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface ModelChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly disabled: readonly string[];
  readonly enabled: readonly string[];
  readonly prices: readonly PriceChange[];
  /** The notice's text differs: who consented is asked again, unless `consent.renew_on_change` is off. */
  readonly notices: readonly string[];
  readonly endpoints: readonly { readonly model: string; readonly before: number; readonly after: number }[];
  /** What else differs, by the name of the key. */
  readonly others: readonly { readonly model: string; readonly keys: readonly string[] }[];
}

/** What one configuration would change of another. Of other settings the keys are named, never the values. */
export interface ConfigDiff {
  /** Nothing at all differs, but perhaps comments. */
  readonly same: boolean;
  readonly models: ModelChanges;
  readonly access: readonly AccessChange[];
  readonly pools: readonly PoolTermsChange[];
  readonly groups: readonly GroupChange[];
  readonly rateLimits?: { readonly before: string; readonly after: string };
  readonly admins: { readonly added: readonly string[]; readonly removed: readonly string[] };
  readonly settings: readonly string[];
}
