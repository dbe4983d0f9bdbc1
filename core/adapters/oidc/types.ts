import type { SignInProvider } from "../../domain/configSnapshot";
import type { Claims } from "../../domain/owner";

/** What has to be kept between sending a person to the provider and their return. */
export interface ProviderCheck {
  readonly state: string;
  readonly nonce: string;
  /** PKCE. */
  readonly verifier: string;
  /** Where the provider sends them back to. */
  readonly redirectUri: string;
}

export interface ProviderStart {
  /** The provider's page. */
  readonly address: string;
  readonly check: ProviderCheck;
}

/** Why a sign-in with the provider came to nothing. */
export type ProviderRefusal =
  /** The provider, or its metadata, cannot be reached or makes no sense. */
  | "unavailable"
  /** The person said no there, or the provider did. */
  | "denied"
  /** What came back does not belong to what was begun, or was used already. */
  | "invalid";

export type ProviderAnswer = { readonly ok: true; readonly claims: Claims } | { readonly ok: false; readonly reason: ProviderRefusal; readonly cause: string };

/** OpenID Connect with any provider by its metadata address. */
export interface OpenIdClient {
  /** @returns undefined where the provider cannot be reached */
  begin(provider: SignInProvider, redirectUri: string): Promise<ProviderStart | undefined>;
  /** @param query of the address that the provider sent the person back to */
  finish(provider: SignInProvider, check: ProviderCheck, query: URLSearchParams): Promise<ProviderAnswer>;
}
