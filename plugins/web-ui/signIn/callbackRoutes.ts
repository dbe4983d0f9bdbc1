import type { ConfigSnapshot } from "../../../core/domain/configSnapshot";
import type { PageRoute } from "../visit";
import { fromProvider } from "./fromProvider";

/** The page that `oauth2.redirect_uri` leads to, where it is none of the table: the provider may know us by an address of old. */
export function callbackRoutes({ sections }: ConfigSnapshot, known: readonly PageRoute[]): readonly PageRoute[] {
  const { redirectUri } = sections.oauth2 ?? {};
  if (redirectUri === undefined) return [];
  const path = new URL(redirectUri).pathname;
  // Only a plain path: anything else would be read as a pattern of the router.
  if (!/^(\/[\w.~-]+)+$/.test(path) || known.some((route) => route.path === path)) return [];
  return [{ method: "GET", path, audience: "public", handler: fromProvider }];
}
