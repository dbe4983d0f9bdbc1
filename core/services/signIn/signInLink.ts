import type { User } from "../../domain/owner";
import type { Store } from "../../stores/types";
import type { Clock } from "../../clock";
import { newToken, tokenDigest } from "./token";

export interface SignInLinkDeps {
  readonly store: Pick<Store, "signInLinks" | "users">;
  readonly clock: Clock;
}

const GOOD_FOR_MS = 24 * 3_600_000;

/** Makes a link's token: good for one sign-in of this person within a day. */
export async function makeSignInLink(deps: SignInLinkDeps, user: User): Promise<string> {
  const token = newToken();
  await deps.store.signInLinks.put({ id: tokenDigest(token), userId: user.id, expiresAt: deps.clock() + GOOD_FOR_MS });
  return token;
}

/** Is this token good? It stays so: programs that fetch links ahead must not use it up. */
export async function peekSignInLink(deps: SignInLinkDeps, token: string): Promise<User | undefined> {
  const link = await deps.store.signInLinks.get(tokenDigest(token));
  if (!link || link.expiresAt <= deps.clock()) return undefined;
  const user = await deps.store.users.get(link.userId);
  return user?.active ? user : undefined;
}

/** Uses a token up. Two requests with one token: one of them gets the person. */
export async function useSignInLink(deps: SignInLinkDeps, token: string): Promise<User | undefined> {
  const user = await peekSignInLink(deps, token);
  return (await deps.store.signInLinks.delete(tokenDigest(token))) ? user : undefined;
}
