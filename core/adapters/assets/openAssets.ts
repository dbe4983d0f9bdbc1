import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { assetSources, type AssetSource } from "./assetList";

/** One file as it goes out. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** Made once; fonts are compressed already. */
  readonly brotli?: Buffer;
  readonly gzip?: Buffer;
}

/** The files that pages refer to, each under an address that changes with its content. */
export interface Assets {
  /** @throws Error for a name that is none */
  url(name: string): string;
  has(name: string): boolean;
  /** @param address `/assets/<hash>/<name>` */
  find(address: string): Asset | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** The best would take a second of every start, for some kilobytes of files that browsers keep for ever. */
const BROTLI_QUALITY = 6;

export function openAssets(root: string): Assets {
  const urls = new Map<string, string>();
  const byUrl = new Map<string, Asset>();
  const url = (name: string): string => {
    const found = urls.get(name);
    if (found === undefined) throw new Error(`there is no asset ${name}`);
    return found;
  };
  // Stylesheets last: they name the others.
  const inOrder = [...assetSources(root)].sort((a, b) => Number(a.name.endsWith(".css")) - Number(b.name.endsWith(".css")));
  for (const source of inOrder) {
    const asset = load(source, url);
    const hash = createHash("sha256").update(asset.body).digest("hex").slice(0, 12);
    const address = `/assets/${hash}/${source.name}`;
    urls.set(source.name, address);
    byUrl.set(address, asset);
  }
  return { url, has: (name) => urls.has(name), find: (address) => byUrl.get(address) };
}

function load({ name, files, separator = "" }: AssetSource, url: (name: string) => string): Asset {
  const type = TYPES[path.extname(name)] ?? "application/octet-stream";
  if (name.endsWith(".woff2")) return { type, body: readFileSync(files[0] ?? "") };
  const text = files.map((file) => readFileSync(file, "utf8")).join(separator);
  // `url(asset:inter.woff2)` in a stylesheet stands for that file's address.
  const body = Buffer.from(name.endsWith(".css") ? text.replace(/asset:([\w.-]+)/g, (_all, other: string) => url(other)) : text);
  return { type, body, brotli: brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }), gzip: gzipSync(body) };
}
