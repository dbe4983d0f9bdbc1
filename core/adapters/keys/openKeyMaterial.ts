import { createHash, timingSafeEqual } from "node:crypto";
import { hmacSha256 } from "./hmacSha256";
import { issueKeyText, keyHint, parseKeyText } from "./keyText";
import { OneAtATime } from "./oneAtATime";
import { loadPepper } from "./pepper";
import type { KeyMaterial } from "./types";

/** 19 MiB, two passes, one lane: 10 to 25 ms each. */
const ARGON2_COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const ARGON2_QUEUE = 64;

export interface KeyMaterialOptions {
  /** Holds the file `pepper`, made at the first start. */
  readonly secretsFolder: string;
  /** `LUMEN_PEPPER`: used in place of the file. */
  readonly pepper?: string;
}

/** @throws StartRefused when the pepper cannot be read, with the file and the way out */
export async function openKeyMaterial(options: KeyMaterialOptions): Promise<KeyMaterial> {
  const pepper = await loadPepper(options.secretsFolder, options.pepper);
  const pepperId = createHash("sha256").update(`lumen pepper ${pepper}`).digest("hex").slice(0, 12);
  const hmac = hmacSha256(Buffer.from(pepper, "utf8"));
  return {
    pepperId,
    issue: issueKeyText,
    parse: parseKeyText,
    hint: keyHint,
    digest: (key) => hmac(key).toString("hex"),
    matches: (key, digest) => {
      const stored = Buffer.from(digest, "hex");
      const found = hmac(key);
      return stored.length === found.length && timingSafeEqual(stored, found);
    },
    ...verifiers((key) => hmac(key).toString("hex")),
  };
}

/** Argon2 is loaded at its first use: a process that only checks digests never pays for it. */
function verifiers(nameOf: (key: string) => string): Pick<KeyMaterial, "makeVerifier" | "checkVerifier" | "close"> {
  const queue = new OneAtATime(ARGON2_QUEUE);
  const running = new Map<string, Promise<boolean>>();
  return {
    makeVerifier: (key) =>
      queue.run(async () => {
        const argon2 = await import("argon2");
        return argon2.hash(key, { type: argon2.argon2id, ...ARGON2_COST });
      }),
    checkVerifier: (verifier, key) => {
      const name = `${nameOf(key)} ${verifier}`;
      const shared = running.get(name);
      if (shared) return shared;
      const run = queue
        .run(async () => (await import("argon2")).verify(verifier, key))
        .finally(() => running.delete(name));
      running.set(name, run);
      return run;
    },
    close: () => queue.close(),
  };
}
