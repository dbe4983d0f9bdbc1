import type { Operation } from "../domain/ledgerEntry";
import type { Exchange } from "./exchange";
import { findRoute, type RouteMatch } from "./surface";

/** What a caller is told of an error, whatever the shape; a CodedError is one. */
export interface ErrorFacts {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  /** One of ours, or what an upstream said. */
  readonly code: string | number | null;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Which request an error answers, and what its caller speaks. */
export interface ErrorPlace {
  readonly requestId: string;
  readonly operation: Operation | undefined;
}

/** The body of every error: in the shape of docs/wire.md W6, or in Anthropic's, for who calls messages (W53). */
export function errorBody(error: ErrorFacts, place?: ErrorPlace): string {
  if (place && speaksAnthropic(place.operation)) return anthropicError(error, place.requestId);
  const { message, type, param, code, extra } = error;
  return JSON.stringify({ error: { message, type, param, code, ...extra } });
}

export function placeOf({ id, match, req }: Pick<Exchange, "id" | "match" | "req">): ErrorPlace {
  return { requestId: id, operation: operationAt(match, req.url) };
}

/** What a path is for; below messages also one that the API does not have, because only a client of messages asks for it. */
export function operationAt(match: RouteMatch | undefined, url = ""): Operation | undefined {
  if (match) return match.route.operation;
  return /^(\/v1)?\/messages([/?]|$)/.test(url) ? "messages" : undefined;
}

/** The same where no route was looked for yet. */
export function operationOfPath(url: string | undefined): Operation | undefined {
  return url === undefined ? undefined : operationAt(findRoute(url), url);
}

export function speaksAnthropic(operation: Operation | undefined): boolean {
  return operation === "messages" || operation === "count_tokens";
}

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error", 403: "permission_error", 404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 503: "overloaded_error",
};

/** The official client reads a code from `details.error_code`. */
function anthropicError({ status, message, param, code, extra }: ErrorFacts, requestId: string): string {
  const error = {
    type: ANTHROPIC_TYPES[status] ?? (status < 500 ? "invalid_request_error" : "api_error"), message,
    ...(code === null ? {} : { code, details: { error_code: String(code) } }), ...(param === null ? {} : { param }), ...extra,
  };
  return JSON.stringify({ type: "error", error, request_id: requestId });
}
