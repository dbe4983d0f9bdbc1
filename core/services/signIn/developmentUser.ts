import type { ConfigSnapshot } from "../../domain/configSnapshot";
import { isForwarded } from "../../domain/forwarding";
import { isLoopbackAddress } from "../../domain/loopbackAddress";
import type { User } from "../../domain/owner";
import { createUser, type CreateUserDeps } from "../createUser";

/** What has to be known of a request before it may be the development user's. */
export interface RequestOrigin {
  readonly peerAddress: string | undefined;
  /** The `Host` header. */
  readonly host: string | undefined;
  /** Names of the request's headers, in lower case. */
  readonly headerNames: readonly string[];
}

/**
 * The address of the development user, where this request may become them: only with `app.debug`, from this machine, and
 * through no proxy. The host's name is looked at too, so that no other site can get here by a name that leads to this machine.
 */
export function developmentEmail({ app, sections }: ConfigSnapshot, origin: RequestOrigin): string | undefined {
  if (!app.debug || !sections.devUser) return undefined;
  if (!isLoopbackAddress(origin.peerAddress ?? "") || isForwarded(origin.headerNames)) return undefined;
  return isLoopbackName(origin.host ?? "") ? sections.devUser.email.toLowerCase() : undefined;
}

/** The development user, made at the first use; their groups are listed memberships of the snapshot. Undefined: deactivated. */
export async function developmentUser(deps: CreateUserDeps, email: string): Promise<User | undefined> {
  const known = await deps.store.users.find("email", email);
  if (known) return known.active ? known : undefined;
  const made = await createUser(deps, { email, by: "system" });
  return made.ok ? made.value : deps.store.users.find("email", email);
}

function isLoopbackName(host: string): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return name === "localhost" || name.endsWith(".localhost") || isLoopbackAddress(name);
}
