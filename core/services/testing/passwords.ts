import type { PasswordHashes } from "../../adapters/passwords/types";

/** Hashes that cost nothing: for tests that are about something else. */
export function plainPasswords(): PasswordHashes {
  return {
    hash: async (password) => `plain:${password}`,
    matches: async (hash, password) => hash === `plain:${password}`,
    close: async () => undefined,
  };
}
