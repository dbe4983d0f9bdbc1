/**
 * Everything that is done with the text of an API key. The pepper and the keys themselves stay behind this interface:
 * services see digests, hints and ids (docs/rules.md K1).
 */
export interface KeyMaterial {
  /** Names the pepper in force without telling it; a row with another id was digested with a pepper that is not known here. */
  readonly pepperId: string;
  /** A fresh key: its public id, and the whole text that is shown once. */
  issue(): { readonly id: string; readonly secret: string };
  /** Shape and checksum only, about a microsecond; says nothing about whether the key exists. */
  parse(presented: string): { readonly id: string } | undefined;
  /** First four and last four characters, for people to tell keys apart. */
  hint(key: string): string;
  /** HMAC-SHA256(pepper, key), hex. */
  digest(key: string): string;
  /** Compares a key with a stored digest in constant time. */
  matches(key: string, digest: string): boolean;
  /** Argon2id of a key, for the row of record. Slow: one at a time behind a bounded queue. */
  makeVerifier(key: string): Promise<string>;
  /**
   * Argon2id check of a key whose pepper is not known any more. Calls with one key and one verifier share one run.
   * @throws CodedError `overloaded` when too many wait
   */
  checkVerifier(verifier: string, key: string): Promise<boolean>;
  /** Lets the running argon2 work end and takes no more. */
  close(): Promise<void>;
}
