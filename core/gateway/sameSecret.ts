import { createHash, timingSafeEqual } from "node:crypto";

/** Compares what was sent with a secret in a time that tells nothing of either, their lengths included. */
export function isSameSecret(sent: string, secret: string): boolean {
  return timingSafeEqual(digest(sent), digest(secret));
}

const digest = (text: string) => createHash("sha256").update(text).digest();
