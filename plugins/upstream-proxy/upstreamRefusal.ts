import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import { CodedError } from "../../core/errors/codedError";
import type { ErrorCodeName } from "../../core/errors/codes";
import { errorBody, type ErrorFacts, type ErrorPlace } from "../../core/gateway/errorShapes";
import { plainBody } from "./plainBody";

const MOST_READ = 65_536;
const NOTHING = Buffer.alloc(0);

/** An upstream's "no" in our shape: the status that the caller gets, and the body. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads an error answer, whatever its shape (nested, flat, `detail`, text, HTML), and puts it into ours. A 4xx keeps its
 * status and message; a key that the upstream refuses is our fault, never the caller's 401; the institution's empty account
 * is not the caller's quota (docs/wire.md W11).
 * @param place who is told: callers of messages in Anthropic's shape (W53)
 */
export async function readRefusal(answer: UpstreamAnswer, place?: ErrorPlace): Promise<Refusal> {
  const { error, headers } = understand(answer.status, await refusalText(answer), retryHeaders(answer));
  return { status: error.status, body: errorBody(error, place), headers };
}

/** The status that an error's type or code stands for, where it says no number. */
const STATUS_OF: Readonly<Record<string, number>> = {
  invalid_request_error: 400, authentication_error: 401, permission_error: 403, not_found_error: 404, request_too_large: 413,
  rate_limit_error: 429, rate_limit_exceeded: 429, timeout_error: 504, overloaded_error: 529,
  // What is wrong with the request itself, another server would say as well.
  BadRequestError: 400, image_generation_user_error: 400, moderation_blocked: 400, content_policy_violation: 400, content_filter: 400,
  context_length_exceeded: 400, invalid_prompt: 400,
};

/** An error that came as the first event of a stream, with the status of the refusal that it stands for. */
export interface StreamRefusal extends Refusal {
  readonly upstreamStatus: number;
}

/**
 * Reads an error event before which nothing came: what the caller gets is the refusal that it would have been (docs/wire.md W25).
 * @param data the event's data, whatever its shape
 */
export function refusalInStream(data: string, place?: ErrorPlace): StreamRefusal {
  const { type = "", code = "" } = describe(data);
  const said = Number(code);
  const upstreamStatus = said >= 400 && said < 600 ? said : (STATUS_OF[type] ?? STATUS_OF[code] ?? 500);
  const { error, headers } = understand(upstreamStatus, data, {});
  return { status: error.status, body: errorBody(error, place), headers, upstreamStatus };
}

interface Understood {
  readonly error: ErrorFacts;
  readonly headers: Readonly<Record<string, string>>;
}

function understand(status: number, text: string, headers: Readonly<Record<string, string>>): Understood {
  const { message, type, code, param } = describe(text);
  if (status === 402 || code === "insufficient_quota" || type === "insufficient_quota") return coded("upstream_quota", headers);
  if (status === 401 || status === 403 || status === 407) {
    return coded("upstream_error", headers, "The model server refused the gateway's own credentials. Tell the administrator.");
  }
  if (status === 429) return coded("rate_limit_exceeded", headers, message ?? "The model server is busy. Wait and try again.");
  // 529 is Anthropic's word for it.
  if (status === 503 || status === 529) return coded("overloaded", headers, "All servers of this model are busy. Wait and try again.");
  if (status === 504) return coded("upstream_timeout", headers);
  if (status >= 400 && status < 500) {
    const said = message ?? `The model server refused the request with status ${status}.`;
    return { error: { status, message: said, type: type ?? "invalid_request_error", param: param ?? null, code: code ?? null }, headers };
  }
  return coded("upstream_error", headers);
}

function coded(name: ErrorCodeName, headers: Readonly<Record<string, string>>, message?: string): Understood {
  return { error: new CodedError(name, message === undefined ? {} : { message }), headers };
}

function retryHeaders({ headers }: UpstreamAnswer): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["retry-after", "retry-after-ms", "x-should-retry"]) {
    const value = headers[name];
    if (typeof value === "string") kept[name] = value;
  }
  return kept;
}

const read = new WeakMap<UpstreamAnswer, Promise<string>>();

/** An error answer's text, at most 64 kB; read once, whoever asks. The answer is closed then. */
export function refusalText(answer: UpstreamAnswer): Promise<string> {
  let text = read.get(answer);
  if (text === undefined) read.set(answer, (text = readText(answer)));
  return text;
}

async function readText(answer: UpstreamAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Words that do not come are not waited for.
  answer.onIdle(() => answer.close());
  try {
    for await (const chunk of answer.stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_READ) break;
    }
  } catch {
    // Cut off: what came is enough to say no.
  }
  answer.close();
  // Of a compressed one that cannot be unpacked the status alone is told.
  const plain = await plainBody(Buffer.concat(chunks), answer.headers["content-encoding"]).catch(() => NOTHING);
  return plain.toString("utf8", 0, MOST_READ);
}

interface Described {
  readonly message?: string;
  readonly type?: string;
  readonly code?: string | number;
  readonly param?: string;
}

function describe(text: string): Described {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const plain = /^\s*</.test(text) ? "" : text.trim();
    return plain === "" ? {} : { message: plain.slice(0, 2_000) };
  }
  const outer = isRecord(value) ? value : { message: value };
  const inner = isRecord(outer["error"]) ? outer["error"] : outer;
  const message = firstText(inner["message"], outer["error"], outer["detail"], outer["message"]);
  const type = firstText(inner["type"]);
  const code = inner["code"];
  const param = firstText(inner["param"]);
  return {
    ...(message === undefined ? {} : { message }),
    ...(type === undefined ? {} : { type }),
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(param === undefined ? {} : { param }),
  };
}

/** `detail` may be a text, or the list of faults that FastAPI makes. */
function firstText(...candidates: unknown[]): string | undefined {
  for (const candidate of candidates) {
    if (typeof candidate === "string" && candidate !== "") return candidate;
    if (Array.isArray(candidate) && candidate.length > 0) return JSON.stringify(candidate).slice(0, 2_000);
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
