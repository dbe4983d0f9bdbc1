import { createGunzip, createInflate } from "node:zlib";
import type { Readable } from "node:stream";
import type { Spool } from "../adapters/spool/openSpool";
import type { ByteRange, ByteSource } from "../adapters/wire/byteSource";
import { readRequestHead } from "../adapters/wire/requestHead";
import { CodedError } from "../errors/codedError";
import { refuseUndecided } from "./decidingFields";
import type { Exchange } from "./exchange";
import { isMultipart, readForm } from "./formBody";
import { contentEncoding, receive, refuseDeclared, refuseUpload, type HostRequest } from "./receive";

/** What is read in a body, whatever its form. */
interface ReadBody {
  /** The parsed JSON; of a form its text fields, each a text, or a list of texts where its name comes again. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly stream: boolean;
  /** The caller asked for the usage chunk of a stream. */
  readonly includeUsage: boolean;
  /** Bytes that may be text: all of them, but for the files of a form. */
  readonly textBytes: number;
  readonly files: readonly FormFile[];
}

/** A JSON body: its bytes as they came, decoded if they were compressed. */
export interface JsonBody extends ReadBody {
  readonly kind: "json";
  readonly raw: Buffer;
}

/** A form with files (docs/wire.md W60): its bytes are put aside until the call has ended. */
export interface FormBody extends ReadBody {
  readonly kind: "form";
  readonly source: ByteSource;
  /** Where the value of `model` is. */
  readonly model: ByteRange;
}

/** A file in a form; it can be read until the call has ended. */
export interface FormFile extends ByteSource {
  readonly name: string;
}

export type RequestBody = JsonBody | FormBody;

const NO_FILES: readonly FormFile[] = Object.freeze([]);

/**
 * Reads and parses the body once, as the route has it; later calls get the same one.
 * @throws CodedError request_too_large, unsupported_media_type, invalid_json, invalid_request, missing_required_parameter
 */
export async function readBody(exchange: Exchange, spool: Spool): Promise<RequestBody> {
  if (exchange.body) return exchange.body;
  // A slow upload is not a stuck policy: Node's own request time-out watches it.
  exchange.waitingSince = 0;
  const isForm = exchange.match?.route.body === "form";
  const body = isForm ? await readForm(exchange, spool) : readJson(exchange, await readRawBody(exchange.req, exchange));
  exchange.waitingSince = Date.now();
  return (exchange.body = body);
}

function readJson(exchange: Exchange, raw: Buffer): JsonBody {
  const head = readRequestHead(raw);
  if (!head.ok) throw new CodedError("invalid_json", { message: UNREADABLE[head.reason] });
  const { json, stream, includeUsage } = head;
  refuseUndecided(exchange.match?.route.operation, raw, json);
  return { kind: "json", raw, json, stream, includeUsage, textBytes: raw.length, files: NO_FILES };
}

const UNREADABLE = {
  empty: "The request body is empty. Send a JSON object.",
  invalid_json: "The request body is not valid JSON. Send a JSON object.",
  not_an_object: "The request body must be a JSON object.",
  too_deep: "The request body is nested too deeply.",
} as const;

async function readRawBody(req: HostRequest, exchange: Exchange): Promise<Buffer> {
  const limit = exchange.snapshot.server.bodyLimitBytes;
  if (isMultipart(req)) throw refuseUpload(exchange, new CodedError("unsupported_media_type", { message: "Send this request as application/json." }));
  const encoding = contentEncoding(req);
  refuseDeclared(exchange);
  const transformed = req.egContext?.requestStream;
  // A parser of the host or of a plugin has eaten the body and kept only the value.
  if (!transformed && req.readableEnded && req.body !== undefined) return Buffer.from(JSON.stringify(req.body));
  // The host's request-transformer writes its stream and never ends it: the length it declares is where it stops.
  const stopAt = transformed ? Number(req.headers["content-length"] ?? 0) : undefined;
  const bytes = await collect(transformed ?? req, limit, stopAt).catch((error: unknown) => {
    throw error instanceof CodedError ? refuseUpload(exchange, error) : error;
  });
  return decode(bytes, encoding, limit, exchange);
}

async function collect(source: Readable, limit: number, stopAt?: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await receive(source, limit, stopAt, (chunk) => void chunks.push(chunk));
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

async function decode(bytes: Buffer, encoding: string, limit: number, exchange: Exchange): Promise<Buffer> {
  if (encoding === "identity") return bytes;
  const make = encoding === "gzip" || encoding === "x-gzip" ? createGunzip : encoding === "deflate" ? createInflate : undefined;
  if (!make) {
    throw refuseUpload(exchange, new CodedError("unsupported_media_type", { message: `Content encoding '${encoding}' is not supported. Send gzip or none.` }));
  }
  const decoder = make();
  decoder.end(bytes);
  try {
    const decoded = await collect(decoder, limit);
    delete exchange.req.headers["content-encoding"];
    return decoded;
  } catch (error) {
    if (error instanceof CodedError && error.code === "request_too_large") throw error;
    throw new CodedError("invalid_request", { message: `The ${encoding} body could not be decoded.` });
  } finally {
    decoder.destroy();
  }
}
