import { createHmac } from "node:crypto";
import type { KeyMaterial } from "../../adapters/keys/types";
import type { ProviderCheck } from "../../adapters/oidc/types";
import type { Clock } from "../../clock";
import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { SignInThrottle } from "./signInThrottle";
import { isSameToken } from "./token";

export type { ProviderRefusal } from "../../adapters/oidc/types";

/** A sign-in that is under way at the identity provider. */
export interface PendingSignIn {
  readonly check: ProviderCheck;
  /** Where the person wants to go. */
  readonly next: string;
}

export interface PendingSignInDeps {
  readonly keys: Pick<KeyMaterial, "digest">;
  readonly clock: Clock;
  readonly signInThrottle: Pick<SignInThrottle, "useOnce">;
}

/** For how long a person may stay at the provider. */
export const PENDING_SECONDS = 600;

/** Writes it down for the browser that began it; signed, so that nothing in it can be chosen by anybody else. */
export function sealPending(deps: PendingSignInDeps, snapshot: ConfigSnapshot, pending: PendingSignIn): string {
  const content = Buffer.from(JSON.stringify({ ...pending, until: deps.clock() + PENDING_SECONDS * 1_000 })).toString("base64url");
  return `${content}.${signature(deps, snapshot, content)}`;
}

/** Reads it back, once. @returns undefined where it is too old, was used already, or is not ours */
export async function openPending(deps: PendingSignInDeps, snapshot: ConfigSnapshot, sealed: string): Promise<PendingSignIn | undefined> {
  const [content = "", signed = ""] = sealed.split(".", 2);
  if (!isSameToken(signed, signature(deps, snapshot, content))) return undefined;
  const { until, ...pending } = JSON.parse(Buffer.from(content, "base64url").toString("utf8")) as PendingSignIn & { readonly until: number };
  if (until <= deps.clock()) return undefined;
  return (await deps.signInThrottle.useOnce(pending.check.state)) ? pending : undefined;
}

/** `app.secret_key` signs; where the file has none, a key that comes from the pepper does. */
function signature({ keys }: PendingSignInDeps, { sections }: ConfigSnapshot, content: string): string {
  const secret = sections.secretKey ?? keys.digest("the secret that signs what browsers keep");
  return createHmac("sha256", secret).update(`sign-in under way ${content}`).digest("base64url");
}
