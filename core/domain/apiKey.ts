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
  /** K5: the public id in the text of the key in force, once it was rotated; before, that is `id`. */
  readonly secretId?: string;
  /** K5: the public id in the text of the key before the last rotation. */
  readonly formerId?: string;
  readonly former?: FormerSecret;
}

/** K5: what is stored of the key before the last rotation. */
export interface FormerSecret {
  readonly hint: string;
  readonly digest: string;
  readonly pepperId: string;
  readonly verifier: string;
  /** Epoch ms: from then on it is refused. */
  readonly goodUntil: number;
}

/** K5: which of a record's two secrets carries this public id; `former` says nothing of whether it is still good. */
export function secretCalled(key: ApiKey, publicId: string): "current" | "former" | undefined {
  if (publicId === (key.secretId ?? key.id)) return "current";
  return key.former && publicId === key.formerId ? "former" : undefined;
}

/** A key as handed out, once. */
export interface IssuedApiKey {
  readonly apiKey: ApiKey;
  readonly secret: string;
}
