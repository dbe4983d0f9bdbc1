import { hash } from "node:crypto";

const BLOCK = 64;
const DIGEST = 32;

/**
 * HMAC-SHA256 (RFC 2104) with one secret, made ready once. `createHmac` builds a stream for each digest, which costs three
 * times the two hashes that it takes.
 */
export function hmacSha256(secret: Buffer): (text: string) => Buffer {
  const key = secret.length > BLOCK ? hash("sha256", secret, "buffer") : secret;
  const inner = Buffer.alloc(BLOCK, 0x36);
  const outer = Buffer.alloc(BLOCK + DIGEST, 0x5c);
  key.forEach((byte, index) => {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  });
  return (text) => {
    hash("sha256", Buffer.concat([inner, Buffer.from(text, "utf8")]), "buffer").copy(outer, BLOCK);
    return hash("sha256", outer, "buffer");
  };
}
