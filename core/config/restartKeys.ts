import { isDeepStrictEqual } from "node:util";
import type { ConfigSnapshot, SignInProvider } from "../domain/configSnapshot";

type Fixed = (snapshot: ConfigSnapshot) => unknown;

const provider = (key: keyof SignInProvider): Fixed => ({ sections }) => sections.oauth2?.[key];

/** Every key that a reload cannot change, as the schema marks them, and where its value is. */
export const RESTART_KEYS: Readonly<Record<string, Fixed>> = {
  "app.secret_key": ({ sections }) => sections.secretKey,
  "app.debug": ({ app }) => app.debug,
  "store.url": ({ store }) => store.url,
  "store.lease_seconds": ({ store }) => store.leaseSeconds,
  "server.trust_proxy": ({ server }) => server.trustProxy,
  "server.workers": ({ server }) => server.workers,
  "oauth2.client_id": provider("clientId"),
  "oauth2.client_secret": provider("clientSecret"),
  "oauth2.server_metadata_url": provider("serverMetadataUrl"),
  "oauth2.redirect_uri": provider("redirectUri"),
  "oauth2.scopes": provider("scopes"),
};

/** The keys, never the values, that differ from what this process started with (docs/rules.md R3). */
export function changedRestartKeys(started: ConfigSnapshot, next: ConfigSnapshot): readonly string[] {
  return Object.keys(RESTART_KEYS).filter((key) => {
    const read = RESTART_KEYS[key];
    return read !== undefined && !isDeepStrictEqual(read(started), read(next));
  });
}

/** The next snapshot with those values as they are in force: a snapshot never says what is not so (R3). */
export function keepRestartKeys(started: ConfigSnapshot, next: ConfigSnapshot): ConfigSnapshot {
  const { secretKey, oauth2: fixed } = started.sections;
  const { oauth2: read } = next.sections;
  const hot = fixed && read && { params: read.params, allowUnverifiedEmail: read.allowUnverifiedEmail };
  return {
    ...next,
    app: { ...next.app, debug: started.app.debug },
    store: started.store,
    server: { ...next.server, trustProxy: started.server.trustProxy, workers: started.server.workers },
    sections: { ...next.sections, secretKey, oauth2: fixed && { ...fixed, ...hot } },
  };
}
