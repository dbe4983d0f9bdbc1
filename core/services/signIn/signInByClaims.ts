import type { Claims, User } from "../../domain/owner";
import type { ConfigSnapshot } from "../../domain/configSnapshot";
import { poolTermsOf } from "../../domain/ownerSettings";
import type { Store } from "../../stores/types";
import type { AuditDeps } from "../audit";
import { changeRow } from "../changeRow";
import { createUser, normaliseEmail } from "../createUser";

export interface SignInByClaimsDeps extends AuditDeps {
  readonly store: Pick<Store, "users" | "auditLog" | "ledger">;
}

export type ClaimsRefusal = "no_email" | "unverified" | "inactive";
export type ClaimsAnswer = { readonly ok: true; readonly user: User } | { readonly ok: false; readonly reason: ClaimsRefusal; readonly email?: string };

const LONGEST_NAME = 200;

/**
 * Whom the provider's claims are about: the user of that e-mail address, made at the first sign-in. Claims are kept, so that
 * group rules are evaluated again at each reload (docs/rules.md G2), and the pool follows the groups at once (P6).
 */
export async function signInByClaims(deps: SignInByClaimsDeps, snapshot: ConfigSnapshot, claims: Claims): Promise<ClaimsAnswer> {
  const email = typeof claims["email"] === "string" ? normaliseEmail(claims["email"]) : undefined;
  if (email === undefined) return { ok: false, reason: "no_email" };
  const isUnverified = claims["email_verified"] === false || claims["email_verified"] === "false";
  if (isUnverified && !snapshot.sections.oauth2?.allowUnverifiedEmail) return { ok: false, reason: "unverified", email };
  const known = await userOf(deps, email, nameOf(claims));
  if (!known.active) return { ok: false, reason: "inactive", email };
  const user = await keepClaims(deps, known, claims);
  const { terms } = poolTermsOf(user, snapshot);
  if (terms) await deps.store.ledger.applyTerms([{ pool: user.id, terms }], deps.clock());
  return { ok: true, user };
}

async function userOf(deps: SignInByClaimsDeps, email: string, name: string | undefined): Promise<User> {
  const known = await deps.store.users.find("email", email);
  if (known) return known;
  const made = await createUser(deps, { email, by: "system", ...(name === undefined ? {} : { name }) });
  // Two first sign-ins at once: the other one was faster.
  const user = made.ok ? made.value : await deps.store.users.find("email", email);
  if (!user) throw new Error(`the user ${email} could not be made`);
  return user;
}

/** Nothing is written where the provider says what it said before. */
async function keepClaims({ store }: SignInByClaimsDeps, user: User, claims: Claims): Promise<User> {
  const name = nameOf(claims) ?? user.name;
  const text = JSON.stringify(claims);
  const changed = await changeRow<User>(store.users, user.id, (row) => {
    return row && (row.name !== name || JSON.stringify(row.claims) !== text) ? { ...row, name, claims } : undefined;
  });
  return changed ?? user;
}

function nameOf(claims: Claims): string | undefined {
  const text = (name: string) => (typeof claims[name] === "string" ? claims[name].trim() : "");
  const whole = text("name") || `${text("given_name")} ${text("family_name")}`.trim() || text("preferred_username");
  return whole === "" ? undefined : whole.slice(0, LONGEST_NAME);
}
