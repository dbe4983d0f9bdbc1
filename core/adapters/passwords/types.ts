/** Hashes of people's passwords. All of it is slow on purpose: one at a time, behind a bounded queue. */
export interface PasswordHashes {
  /** @throws CodedError `overloaded` when too many wait */
  hash(password: string): Promise<string>;
  /**
   * Does the password belong to the hash? Without a hash (nobody of this address, no password set) the same work is done, and
   * the answer is no: how long it takes tells nobody who has an account.
   * @throws CodedError `overloaded` when too many wait
   */
  matches(hash: string | undefined, password: string): Promise<boolean>;
  /** Lets the running work end and takes no more. */
  close(): Promise<void>;
}
