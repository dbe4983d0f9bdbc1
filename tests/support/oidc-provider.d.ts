/** As much of the provider's library as the tests use. */
declare module "oidc-provider" {
  import type { RequestListener } from "node:http";

  interface Account {
    readonly accountId: string;
    claims(): Promise<Record<string, unknown>>;
  }

  export default class Provider {
    constructor(issuer: string, configuration: {
      readonly clients: readonly object[];
      readonly claims?: Readonly<Record<string, readonly string[]>>;
      readonly pkce?: { readonly required: () => boolean };
      readonly cookies?: { readonly keys: readonly string[] };
      readonly findAccount: (context: unknown, id: string) => Promise<Account>;
    });
    callback(): RequestListener;
  }
}
