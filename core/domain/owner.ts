/** Whoever holds keys, a coin pool, consents and usage: a user (a person) or a client (a service). */
export type OwnerKind = "user" | "client";

/** Claims of the last sign-in, kept so that group rules can be evaluated again on a reload (docs/rules.md G2). */
export type Claims = Readonly<Record<string, unknown>>;

interface OwnerRecord {
  readonly id: string;
  readonly active: boolean;
  readonly createdAt: number;
}

export interface User extends OwnerRecord {
  readonly kind: "user";
  /** Lower case (G3). */
  readonly email: string;
  readonly name: string;
  readonly claims: Claims;
  /** Epoch ms; not there before the first sign-in. */
  readonly lastSignInAt?: number;
}

export interface Client extends OwnerRecord {
  readonly kind: "client";
  /** `[a-z0-9][a-z0-9._-]{0,63}`, unique (P5). */
  readonly name: string;
  /** Ids of the users who manage it. */
  readonly managers: readonly string[];
}

export type Owner = User | Client;

const CLIENT_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** P5: lower-case letters, digits, `.`, `_`, `-`; at most 64 characters; `default` is taken. */
export function isClientName(name: string): boolean {
  return CLIENT_NAME.test(name) && name !== "default";
}

/** How messages and pages name an owner. */
export function ownerLabel(owner: Owner): string {
  return owner.kind === "user" ? owner.email : owner.name;
}
