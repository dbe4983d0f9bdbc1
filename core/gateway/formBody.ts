import type { IncomingMessage } from "node:http";
import type { Spool, SpooledUpload } from "../adapters/spool/openSpool";
import { partOf } from "../adapters/wire/byteSource";
import { MultipartScanner, type FormPart } from "../adapters/wire/multipartScanner";
import { boundaryOf } from "../adapters/wire/partHead";
import { CodedError } from "../errors/codedError";
import type { FormBody } from "./body";
import type { Exchange } from "./exchange";
import { contentEncoding, receive, refuseDeclared, refuseUpload, type HostRequest } from "./receive";

export function isMultipart(req: IncomingMessage): boolean {
  return /^multipart\//i.test(req.headers["content-type"] ?? "");
}

/**
 * Puts a form aside and reads its text fields (docs/wire.md W60 to W62). What was put aside is gone when the call ends.
 * @throws CodedError unsupported_media_type, request_too_large, invalid_request, unsupported_parameter, missing_required_parameter, overloaded
 */
export async function readForm(exchange: Exchange, spool: Spool): Promise<FormBody> {
  const boundary = boundaryOfForm(exchange);
  const upload = spool.create();
  exchange.onEnd(() => void upload.close().catch(() => undefined));
  const parts = await receiveForm(exchange, upload, boundary);
  const model = refuseRivals(parts);
  const json = fieldsOf(parts);
  return {
    kind: "form", json, source: upload, model,
    stream: typeof json["stream"] === "string" && TRUE.test(json["stream"].trim()),
    includeUsage: false,
    textBytes: parts.reduce((sum, { isFile, start, end }) => sum + (isFile ? 0 : end - start), 0),
    files: parts.filter(({ isFile }) => isFile).map((part) => ({ name: part.name, ...partOf(upload, part) })),
  };
}

/** As lenient as the servers that read forms. */
const TRUE = /^(true|1|on|yes|t|y)$/i;

function boundaryOfForm(exchange: Exchange): string {
  const { req } = exchange;
  if (!isMultipart(req) || contentEncoding(req) !== "identity") {
    throw refuseUpload(exchange, new CodedError("unsupported_media_type", { message: "Send this request as multipart/form-data, not compressed." }));
  }
  refuseDeclared(exchange);
  const boundary = boundaryOf(req.headers["content-type"] ?? "");
  if (boundary === undefined) throw refuseUpload(exchange, malformed("has no usable boundary in its Content-Type"));
  return boundary;
}

async function receiveForm(exchange: Exchange, upload: SpooledUpload, boundary: string): Promise<readonly FormPart[]> {
  const req: HostRequest = exchange.req;
  const transformed = req.egContext?.requestStream;
  const scanner = new MultipartScanner(boundary);
  try {
    await receive(transformed ?? req, exchange.snapshot.server.bodyLimitBytes, transformed ? Number(req.headers["content-length"] ?? 0) : undefined, (chunk) => {
      if (!scanner.push(chunk)) throw malformed(scanner.fault);
      return upload.write(chunk);
    });
  } catch (error) {
    throw refuseUpload(exchange, error instanceof CodedError ? error : notStored(error));
  }
  if (!scanner.end()) throw malformed(scanner.fault);
  return scanner.parts;
}

function malformed(fault = "cannot be read"): CodedError {
  return new CodedError("invalid_request", { message: `The multipart form ${fault}.` });
}

/** The disk is full, or may not be written. */
function notStored(cause: unknown): CodedError {
  return new CodedError("overloaded", { message: "The gateway has no room for this upload right now. Try again shortly.", headers: { "retry-after": "30" }, cause });
}

/** Fields by which the call is decided or priced: one of each, spelled as here. */
const DECIDING = ["model", "file", "stream", "stream_format", "n", "prompt", "response_format"];

/**
 * What a model server might take for a deciding field must be that field, once, and as plain text: nothing may be checked here
 * that is not what is read there (docs/wire.md W16, W62).
 * @returns the part that names the model
 */
function refuseRivals(parts: readonly FormPart[]): FormPart {
  const seen = new Set<string>();
  for (const part of parts) {
    const plain = plainName(part.name);
    if (!DECIDING.includes(plain)) continue;
    const param = part.name.slice(0, 64);
    if (plain !== part.name) throw new CodedError("unsupported_parameter", { message: `Unknown parameter '${param}'. Did you mean '${plain}'?`, param });
    if (seen.has(plain)) throw new CodedError("unsupported_parameter", { message: `The parameter '${plain}' comes twice. Send it once.`, param });
    seen.add(plain);
    if (plain !== "file" && (part.isFile || !isPlainText(part.contentType))) throw new CodedError("invalid_request", { message: `The parameter '${plain}' must be a text field of the form.`, param });
  }
  const model = parts.find(({ name }) => name === "model");
  if (!model) throw new CodedError("missing_required_parameter", { message: "The parameter 'model' is missing. GET /v1/models lists the models you can use.", param: "model" });
  return model;
}

function isPlainText(contentType: string): boolean {
  return contentType === "" || /^text\/plain[ \t]*(;[ \t]*charset="?(utf-8|us-ascii)"?[ \t]*)?$/.test(contentType);
}

/** The name as the most forgiving reader may see it: without brackets, escapes, spaces and capitals. */
function plainName(name: string): string {
  const decoded = name.replace(/%([0-9a-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decoded.replace(/[\\\0\s]/g, "").replace(/\[.*$/, "").toUpperCase().toLowerCase();
}

function fieldsOf(parts: readonly FormPart[]): Readonly<Record<string, unknown>> {
  const fields = new Map<string, string | string[]>();
  for (const { name, text } of parts) {
    if (text === undefined) continue;
    const before = fields.get(name);
    fields.set(name, before === undefined ? text : [before, text].flat());
  }
  return Object.fromEntries(fields);
}
