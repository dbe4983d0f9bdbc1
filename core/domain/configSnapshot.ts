import type { AccessRules, AccessWord } from "./accessPolicy";
import type { NanoCoins } from "./coins";
import type { CatalogModel } from "./modelCatalog";
import type { Placed, SourcePlace } from "./sourcePlace";

/** The pool fields of one layer, as far as it sets them. `max`: −2 in the file is `unlimited`; 0 is blocked (P1). */
export interface PoolFields {
  readonly max?: Placed<NanoCoins | "unlimited">;
  readonly refresh?: Placed<NanoCoins>;
  readonly starting?: Placed<NanoCoins>;
}

export interface GroupRule {
  readonly field: string;
  readonly test: "equals" | "contains";
  readonly value: string;
}

export interface GroupSettings {
  readonly name: string;
  readonly at: SourcePlace;
  readonly pool: PoolFields;
  readonly access?: AccessRules;
  /** All must match (G1); empty: membership is listed only. */
  readonly rules: readonly GroupRule[];
}

/** One entry under `users` or `clients`. */
export interface OwnerSettings {
  /** The e-mail address in lower case, the client's name, or `default`. */
  readonly name: string;
  readonly at: SourcePlace;
  readonly groups: readonly string[];
  readonly pool: PoolFields;
  readonly access?: AccessRules;
}

export interface RateWindow {
  readonly limit: number;
  readonly seconds: number;
  /** As written: `300 per minute`. */
  readonly text: string;
}

/** A link or a name with an address, as the footer shows it. */
export interface NamedLink {
  readonly label: string;
  readonly url: string;
}

/** What the pages look like and say: all of it hot. */
export interface Branding {
  readonly tagline: string;
  readonly institution?: { readonly name: string; readonly url?: string };
  readonly supportEmail?: string;
  readonly links: readonly NamedLink[];
  /** Markdown for the help page. */
  readonly about?: string;
  /** HTML of a small allow-list, not yet sanitised. */
  readonly announcement: string;
  readonly theme: string;
  /** By the end of an e-mail address, lower case: `@uic.edu`. */
  readonly emailThemes: ReadonlyMap<string, string>;
  readonly githubUrl?: string;
  readonly gravatar: boolean;
}

/** The identity provider. Not there: no sign-in by OpenID Connect is set up. */
export interface SignInProvider {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly serverMetadataUrl: string;
  readonly redirectUri?: string;
  readonly scopes: string;
  readonly params: Readonly<Record<string, string>>;
  readonly allowUnverifiedEmail: boolean;
}

/** What only single parts of the product look at. */
export interface ConfigSections {
  readonly branding: Branding;
  readonly secretKey?: string;
  /** In force only with `app.debug`. */
  readonly devUser?: { readonly email: string; readonly groups: readonly string[] };
  readonly oauth2?: SignInProvider;
  readonly upload: { readonly maxBytes: number; readonly maxTextChars: number; readonly allowedExtensions: readonly string[] };
  /** 0 = kept. */
  readonly retention: { readonly conversationsDays: number; readonly usageDays: number; readonly auditDays: number };
  readonly prometheus: { readonly enabled: boolean; readonly token?: string };
}

/**
 * config.yaml as one immutable value. A request reads the current one once and keeps it to its end (docs/rules.md R1).
 * What no request of the API looks at is kept under `sections`.
 */
export interface ConfigSnapshot {
  /** SHA-256 of the file, first 12 hex digits. */
  readonly revision: string;
  readonly file: string;
  readonly loadedAt: number;
  readonly models: ReadonlyMap<string, CatalogModel>;
  readonly groups: ReadonlyMap<string, GroupSettings>;
  readonly users: { readonly default?: OwnerSettings; readonly byEmail: ReadonlyMap<string, OwnerSettings> };
  /** Empty entries (`name: {}`) are not in `byName`: they mean the default (P4). */
  readonly clients: { readonly default?: OwnerSettings; readonly byName: ReadonlyMap<string, OwnerSettings> };
  readonly defaults: { readonly access: Placed<AccessWord>; readonly pool?: PoolFields };
  readonly admins: ReadonlySet<string>;
  /** `corsOrigins`: pages whose scripts may call the API, `*` for any; empty: none. */
  readonly api: { readonly consent: boolean; readonly monitoringToken?: string; readonly corsOrigins: readonly string[] };
  readonly rateLimiting: { readonly windows: readonly RateWindow[]; readonly concurrent: number };
  readonly coins: {
    readonly freeModelsWhenExhausted: boolean;
    readonly minimumOutputTokens: number;
    readonly defaultOutputTokens: number;
    readonly lowBalancePercent: number;
  };
  readonly consent: { readonly renewOnChange: boolean };
  readonly server: {
    readonly bodyLimitBytes: number;
    readonly graceMs: number;
    readonly trustProxy: boolean;
    readonly workers: number | "auto";
  };
  /** `baseUrl` without a slash at its end. */
  readonly app: { readonly name: string; readonly baseUrl?: string; readonly debug: boolean };
  readonly logs: { readonly level: string; readonly access: boolean; readonly model: boolean };
  readonly demo: { readonly enabled: boolean };
  readonly store: { readonly url: string; readonly leaseSeconds: number };
  readonly sections: ConfigSections;
}
