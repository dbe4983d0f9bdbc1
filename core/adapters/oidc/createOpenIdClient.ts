import type * as OpenIdLibrary from "openid-client";
import type { ClientAuth, Configuration, DiscoveryRequestOptions } from "openid-client";
import type { SignInProvider } from "../../domain/configSnapshot";
import type { Claims } from "../../domain/owner";
import type { Logger } from "../../logger";
import { isLoopbackHost } from "./loopback";
import type { OpenIdClient, ProviderAnswer, ProviderCheck } from "./types";

type Library = typeof OpenIdLibrary;

export interface OpenIdClientOptions {
  readonly logger: Pick<Logger, "warn">;
}

const TIMEOUT_SECONDS = 10;
const CLOCK_TOLERANCE_SECONDS = 60;
/** Of the protocol, not of the person: not kept. */
const PROTOCOL_CLAIMS = new Set(["nonce", "at_hash", "c_hash", "s_hash", "exp", "iat", "nbf", "jti", "sid", "aud", "azp", "auth_time"]);

/** The provider's metadata is read at the first sign-in and kept; what failed is tried again by the next. */
export function createOpenIdClient({ logger }: OpenIdClientOptions): OpenIdClient {
  const discovered = new Map<string, Promise<Configuration>>();
  const configurationOf = (library: Library, provider: SignInProvider): Promise<Configuration> => {
    const name = JSON.stringify([provider.serverMetadataUrl, provider.clientId, provider.clientSecret]);
    let found = discovered.get(name);
    if (!found) {
      found = discover(library, provider);
      discovered.set(name, found);
      found.catch(() => discovered.delete(name));
    }
    return found;
  };
  return {
    async begin(provider, redirectUri) {
      try {
        const library = await import("openid-client");
        const configuration = await configurationOf(library, provider);
        const check = { state: library.randomState(), nonce: library.randomNonce(), verifier: library.randomPKCECodeVerifier(), redirectUri };
        const address = library.buildAuthorizationUrl(configuration, {
          ...provider.params,
          redirect_uri: redirectUri, scope: provider.scopes, state: check.state, nonce: check.nonce, response_type: "code",
          code_challenge: await library.calculatePKCECodeChallenge(check.verifier), code_challenge_method: "S256",
        });
        return { address: address.href, check };
      } catch (error) {
        logger.warn({ provider: provider.serverMetadataUrl, cause: causeOf(error) }, "the identity provider cannot be reached");
        return undefined;
      }
    },
    async finish(provider, check, query) {
      const library = await import("openid-client");
      const answer = await finish(library, () => configurationOf(library, provider), check, query);
      if (!answer.ok) logger.warn({ provider: provider.serverMetadataUrl, reason: answer.reason, cause: answer.cause }, "a sign-in with the identity provider came to nothing");
      return answer;
    },
  };
}

/** @throws for a provider without TLS that is not on this machine, and for whatever goes wrong on the way */
async function discover(library: Library, provider: SignInProvider): Promise<Configuration> {
  const address = new URL(provider.serverMetadataUrl);
  const isPlain = address.protocol === "http:";
  if (isPlain && !isLoopbackHost(address.hostname)) throw new Error("oauth2.server_metadata_url has to begin with https://");
  const options: DiscoveryRequestOptions = { timeout: TIMEOUT_SECONDS, ...(isPlain ? { execute: [library.allowInsecureRequests] } : {}) };
  const metadata = { client_secret: provider.clientSecret, [library.clockTolerance]: CLOCK_TOLERANCE_SECONDS };
  return library.discovery(address, provider.clientId, metadata, authentication(library, provider.clientSecret), options);
}

/** As the provider's metadata says that clients prove themselves; where it says nothing, the standard's default. */
function authentication(library: Library, secret: string | undefined): ClientAuth {
  if (secret === undefined) return library.None();
  const [post, basic] = [library.ClientSecretPost(secret), library.ClientSecretBasic(secret)];
  return (server, client, body, headers) => {
    const usePost = server.token_endpoint_auth_methods_supported?.includes("client_secret_basic") === false;
    return (usePost ? post : basic)(server, client, body, headers);
  };
}

async function finish(library: Library, discovery: () => Promise<Configuration>, check: ProviderCheck, query: URLSearchParams): Promise<ProviderAnswer> {
  try {
    const configuration = await discovery();
    const cameTo = new URL(check.redirectUri);
    for (const [name, value] of query) cameTo.searchParams.append(name, value);
    const tokens = await library.authorizationCodeGrant(configuration, cameTo, {
      pkceCodeVerifier: check.verifier, expectedState: check.state, expectedNonce: check.nonce, idTokenExpected: true,
    });
    const told = tokens.claims();
    if (!told) return { ok: false, reason: "invalid", cause: "the provider gave no id token" };
    const more = configuration.serverMetadata().userinfo_endpoint ? await library.fetchUserInfo(configuration, tokens.access_token, told.sub) : {};
    return { ok: true, claims: kept(told, more) };
  } catch (error) {
    if (error instanceof library.AuthorizationResponseError) {
      return { ok: false, reason: error.error === "temporarily_unavailable" || error.error === "server_error" ? "unavailable" : "denied", cause: causeOf(error) };
    }
    return { ok: false, reason: isOutage(library, error) ? "unavailable" : "invalid", cause: causeOf(error) };
  }
}

/** Both sources together; unverified is unverified, whichever of them says so. */
function kept(told: Claims, more: Claims): Claims {
  const claims = Object.fromEntries(Object.entries({ ...told, ...more }).filter(([name]) => !PROTOCOL_CLAIMS.has(name)));
  const isDoubted = [told, more].some(({ email_verified: verified }) => verified === false || verified === "false");
  return isDoubted ? { ...claims, email_verified: false } : claims;
}

/** The provider's side is down, in place of saying no. */
function isOutage(library: Library, error: unknown): boolean {
  if (error instanceof library.ResponseBodyError) return error.status >= 500;
  if (error instanceof TypeError) return true;
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === "OAUTH_TIMEOUT" || code === "OAUTH_RESPONSE_IS_NOT_CONFORM" || code === "OAUTH_RESPONSE_IS_NOT_JSON";
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const under = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${under}`.slice(0, 300);
}
