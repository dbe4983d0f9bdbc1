import { createHash, randomBytes } from "node:crypto";

/** 256 random bits, for cookies, links and forms. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a token: who reads the store can do nothing with it. */
export function tokenDigest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
