import { randomBytes } from "node:crypto";
import { OneAtATime } from "../keys/oneAtATime";
import type { PasswordHashes } from "./types";

/** 19 MiB, two passes, one lane: what OWASP asks for, 10 to 25 ms each. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const QUEUE = 32;

/** Argon2 is loaded at its first use. @param limit how many may wait or run at once */
export function openPasswordHashes(limit = QUEUE): PasswordHashes {
  const queue = new OneAtATime(limit);
  let nobodys: Promise<string> | undefined;
  const make = async (password: string) => {
    const argon2 = await import("argon2");
    return argon2.hash(password, { type: argon2.argon2id, ...COST });
  };
  return {
    hash: (password) => queue.run(() => make(password)),
    matches: (hash, password) =>
      queue.run(async () => {
        nobodys ??= make(randomBytes(32).toString("hex"));
        const other = await nobodys;
        const { verify } = await import("argon2");
        const isRight = await verify(hash ?? other, password);
        return hash !== undefined && isRight;
      }),
    close: () => queue.close(),
  };
}
