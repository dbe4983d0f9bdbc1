import type { NanoCoins } from "./coins";

/** What is stored of a key; the key itself is shown once and never kept (docs/rules.md K1). */
export interface ApiKey {
  /** The public part of the key, by which it is found. */
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  /** First four and last four characters. */
  readonly hint: string;
  /** HMAC-SHA256(pepper, key), hex. */
  readonly digest: string;
  readonly pepperId: string;
  /** Argon2id of the key: the verifier of record when the pepper is lost. */
  readonly verifier: string;
  /** `pending` until it is saved with a name (K1). */
  readonly status: "pending" | "active" | "revoked";
  readonly createdAt: number;
  readonly revokedAt?: number;
  readonly expiresAt?: number;
  /** Models it is narrowed to; undefined: all of its owner's (K2). */
  readonly models?: readonly string[];
  /** The most that this key may ever spend (K2). */
  readonly coinCapNano?: NanoCoins;
}

/** A key as handed out, once. */
export interface IssuedApiKey {
  readonly apiKey: ApiKey;
  readonly secret: string;
}
