import { openKeyMaterial } from "../../adapters/keys/openKeyMaterial";
import type { KeyMaterial } from "../../adapters/keys/types";

export const PEPPER = "0123456789abcdef0123456789abcdef";

/** Real key material without a file, and without the cost of argon2 where a test asks for many keys. */
export async function testKeys(pepper = PEPPER): Promise<KeyMaterial> {
  const keys = await openKeyMaterial({ secretsFolder: "/nonexistent", pepper });
  return {
    ...keys,
    makeVerifier: async (key) => `test:${key}`,
    checkVerifier: async (verifier, key) => verifier === `test:${key}`,
  };
}
