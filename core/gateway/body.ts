import { createGunzip, createInflate } from "node:zlib";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { readRequestHead } from "../adapters/wire/requestHead";
import { CodedError } from "../errors/codedError";
import type { Exchange } from "./exchange";
import { closeAfterUpload } from "./respond";
import { refuseUndecided } from "./decidingFields";

/** The JSON body of a call: its bytes as they came (decoded if they were compressed) and what they say. */
export interface RequestBody {
  readonly raw: Buffer;
  readonly json: Readonly<Record<string, unknown>>;
  readonly stream: boolean;
  /** The caller asked for the usage chunk of a stream. */
  readonly includeUsage: boolean;
}

/**
 * Reads and parses the body once; later calls get the same one.
 * @throws CodedError request_too_large, unsupported_media_type, invalid_json, missing_required_parameter
 */
export async function readJsonBody(exchange: Exchange): Promise<RequestBody> {
  if (exchange.body) return exchange.body;
  // A slow upload is not a stuck policy: Node's own request time-out watches it.
  exchange.waitingSince = 0;
  const raw = await readRawBody(exchange.req, exchange);
  exchange.waitingSince = Date.now();
  const head = readRequestHead(raw);
  if (!head.ok) throw new CodedError("invalid_json", { message: UNREADABLE[head.reason] });
  refuseUndecided(exchange.match?.route.operation, raw, head.json);
  return (exchange.body = { raw, json: head.json, stream: head.stream, includeUsage: head.includeUsage });
}

const UNREADABLE = {
  empty: "The request body is empty. Send a JSON object.",
  invalid_json: "The request body is not valid JSON. Send a JSON object.",
  not_an_object: "The request body must be a JSON object.",
  too_deep: "The request body is nested too deeply.",
} as const;

async function readRawBody(req: HostRequest, exchange: Exchange): Promise<Buffer> {
  const limit = exchange.snapshot.server.bodyLimitBytes;
  if (/^multipart\//i.test(req.headers["content-type"] ?? "")) {
    throw refuse(exchange, new CodedError("unsupported_media_type", { message: "Send this request as application/json." }));
  }
  const encoding = (req.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const declared = Number(req.headers["content-length"] ?? 0);
  if (declared > limit) throw refuse(exchange, tooLarge(limit));
  const transformed = req.egContext?.requestStream;
  // A parser of the host or of a plugin has eaten the body and kept only the value.
  if (!transformed && req.readableEnded && req.body !== undefined) return Buffer.from(JSON.stringify(req.body));
  const source = transformed ?? req;
  // The host's request-transformer writes its stream and never ends it: the length it declares is where it stops.
  const bytes = await collect(source, limit, transformed ? declared : undefined).catch((error: unknown) => {
    throw error instanceof CodedError ? refuse(exchange, error) : error;
  });
  return decode(bytes, encoding, limit, exchange);
}

/** What the host and its plugins may have put on a request. */
type HostRequest = IncomingMessage & { egContext?: { requestStream?: Readable }; body?: unknown };

function refuse(exchange: Exchange, error: CodedError): CodedError {
  closeAfterUpload(exchange.req, exchange.res);
  return error;
}

function tooLarge(limit: number): CodedError {
  return new CodedError("request_too_large", {
    message: `The request body is larger than ${Math.floor(limit / 1_048_576)} MB. Send less, or ask the administrator to raise server.body_limit_mb.`,
  });
}

function collect(source: Readable, limit: number, stopAt: number | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = () => {
      stop();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    };
    const onData = (chunk: Buffer | string) => {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      chunks.push(bytes);
      size += bytes.length;
      if (size > limit) {
        stop();
        source.pause();
        reject(tooLarge(limit));
      } else if (stopAt !== undefined && size >= stopAt) finish();
    };
    const onGone = () => {
      stop();
      reject(new CodedError("invalid_request", { message: "The request body broke off." }));
    };
    const stop = () => {
      source.off("data", onData).off("end", finish).off("error", onGone).off("close", onGone);
    };
    source.on("data", onData).on("end", finish).on("error", onGone).on("close", onGone);
  });
}

async function decode(bytes: Buffer, encoding: string, limit: number, exchange: Exchange): Promise<Buffer> {
  if (encoding === "identity" || encoding === "") return bytes;
  const make = encoding === "gzip" || encoding === "x-gzip" ? createGunzip : encoding === "deflate" ? createInflate : undefined;
  if (!make) {
    throw refuse(exchange, new CodedError("unsupported_media_type", { message: `Content encoding '${encoding}' is not supported. Send gzip or none.` }));
  }
  const decoder = make();
  decoder.end(bytes);
  try {
    const decoded = await collect(decoder, limit, undefined);
    delete exchange.req.headers["content-encoding"];
    return decoded;
  } catch (error) {
    if (error instanceof CodedError && error.code === "request_too_large") throw error;
    throw new CodedError("invalid_request", { message: `The ${encoding} body could not be decoded.` });
  } finally {
    decoder.destroy();
  }
}
