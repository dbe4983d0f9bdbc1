import { randomFillSync } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * `sk_`, public id, secret, checksum: base62 all through, so that a double click selects the whole key. 43 characters of
 * base62 carry 256 bits.
 */
const PREFIX = "sk_";
const ID_LENGTH = 12;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const BODY_LENGTH = PREFIX.length + ID_LENGTH + SECRET_LENGTH;
export const KEY_LENGTH = BODY_LENGTH + CHECKSUM_LENGTH;

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The first multiple of 62 that a byte cannot reach: bytes from here on are drawn again, so that no character is likelier. */
const FAIR_BYTES = 248;
const NOT_A_DIGIT = 255;

const DIGIT_OF = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = ALPHABET.indexOf(String.fromCharCode(code));
  return digit < 0 ? NOT_A_DIGIT : digit;
});

export function issueKeyText(): { readonly id: string; readonly secret: string } {
  const id = randomBase62(ID_LENGTH);
  const body = PREFIX + id + randomBase62(SECRET_LENGTH);
  return { id, secret: body + checksumOf(body) };
}

/** @returns undefined for whatever was not made by `issueKeyText`, found out without a look into the store */
export function parseKeyText(presented: string): { readonly id: string } | undefined {
  if (presented.length !== KEY_LENGTH || !presented.startsWith(PREFIX)) return undefined;
  let checksum = 0;
  for (let at = PREFIX.length; at < KEY_LENGTH; at++) {
    const digit = DIGIT_OF[presented.charCodeAt(at)] ?? NOT_A_DIGIT;
    if (digit === NOT_A_DIGIT) return undefined;
    if (at >= BODY_LENGTH) checksum = checksum * ALPHABET.length + digit;
  }
  if (crc32(presented.slice(0, BODY_LENGTH)) !== checksum) return undefined;
  return { id: presented.slice(PREFIX.length, PREFIX.length + ID_LENGTH) };
}

/** First four and last four characters, for people to tell keys apart. */
export function keyHint(secret: string): string {
  return `${secret.slice(0, 4)}…${secret.slice(-4)}`;
}

function checksumOf(body: string): string {
  let rest = crc32(body);
  let text = "";
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    text = (ALPHABET[rest % ALPHABET.length] ?? "") + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}

function randomBase62(length: number): string {
  const bytes = Buffer.alloc(length * 2);
  let text = "";
  while (text.length < length) {
    for (const byte of randomFillSync(bytes)) {
      if (byte < FAIR_BYTES && text.length < length) text += ALPHABET[byte % ALPHABET.length] ?? "";
    }
  }
  return text;
}
