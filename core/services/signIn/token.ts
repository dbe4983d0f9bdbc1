import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits, for cookies, links and forms. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a token: who reads the store can do nothing with it. */
export function tokenDigest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Whether two tokens are the same text, in a time that does not tell where they differ. */
export function isSameToken(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
