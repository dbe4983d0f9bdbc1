const PLACES_PER_WORD = 8;

/** FNV-1a: small, fast and the same everywhere. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
}

/** A unit vector made of the text's words: the same text has the same one, and texts that share words lie closer. */
export function demoEmbedding(text: string, dimensions: number): Float32Array {
  const sums = new Float64Array(dimensions);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]{1,64}/gu) ?? [text];
  for (const word of words) {
    let state = hash(word);
    for (let place = 0; place < PLACES_PER_WORD; place += 1) {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
      const at = (state >>> 1) % dimensions;
      sums[at] = (sums[at] ?? 0) + ((state & 1) === 0 ? 1 : -1);
    }
  }
  const length = Math.hypot(...sums);
  if (length === 0) sums[0] = 1;
  return Float32Array.from(sums, (value) => value / (length || 1));
}

/** The vector's little-endian float32 bytes, as `encoding_format: "base64"` asks for. */
export function embeddingBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, at) => bytes.writeFloatLE(value, at * 4));
  return bytes.toString("base64");
}
