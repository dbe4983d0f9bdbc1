import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";

const DECODERS: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** What an answer may unpack to. */
const LARGEST = 64 * 1_048_576;

/**
 * Some servers compress an answer though they were asked not to; it must be read for its usage, and its model renamed.
 * @throws where the bytes cannot be unpacked
 */
export async function plainBody(bytes: Buffer, encoding: string | undefined): Promise<Buffer> {
  const name = (encoding ?? "identity").trim().toLowerCase();
  if (name === "identity" || name === "") return bytes;
  const decode = DECODERS[name];
  if (!decode) throw new Error(`content encoding '${name}' is not known`);
  return decode(bytes, { maxOutputLength: LARGEST });
}
