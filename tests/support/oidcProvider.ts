import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";

/** A real OpenID Connect provider on this machine. Whoever signs in there with a name has the claims that were set for it. */
export interface OidcProvider {
  readonly issuer: string;
  readonly metadataUrl: string;
  /** The parts of a `config.yaml` that make it the identity provider. */
  readonly config: string;
  /** From here on it knows this service; until then it answers 503. */
  serve(redirectUri: string): Promise<void>;
  /** Answers 503 until it serves again. */
  pause(): void;
  setClaims(name: string, claims: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

const CLIENT = { client_id: "lumen", client_secret: "a secret for tests alone" };
const CLAIMS = { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "given_name", "family_name", "affiliation"] };

export async function startOidcProvider(): Promise<OidcProvider> {
  const people = new Map<string, Readonly<Record<string, unknown>>>();
  const away: RequestListener = (_req, res) => void res.writeHead(503).end();
  let listener = away;
  const server = createServer((req, res) => void listener(req, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const metadataUrl = `${issuer}/.well-known/openid-configuration`;
  return {
    issuer,
    metadataUrl,
    config: `oauth2: {client_id: ${CLIENT.client_id}, client_secret: ${CLIENT.client_secret}, server_metadata_url: "${metadataUrl}"}\n`,
    async serve(redirectUri) {
      const { default: Provider } = await import("oidc-provider");
      const provider = new Provider(issuer, {
        clients: [{ ...CLIENT, redirect_uris: [redirectUri], token_endpoint_auth_method: "client_secret_basic" }],
        claims: CLAIMS,
        pkce: { required: () => true },
        cookies: { keys: ["a key for tests alone"] },
        findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...people.get(id) }) }),
      });
      listener = provider.callback();
    },
    pause: () => (listener = away),
    setClaims: (name, claims) => people.set(name, claims),
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

/** Goes through the provider's pages: name, any password, and the consent. */
export async function signInAtProvider(page: Page, name: string): Promise<void> {
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("anything");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Continue" }).click();
}
