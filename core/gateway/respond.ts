import type { IncomingMessage, ServerResponse } from "node:http";
import { CodedError } from "../errors/codedError";
import { StoreUnavailable } from "../errors/storeErrors";
import { errorBody, placeOf } from "./errorShapes";
import { findExchange } from "./exchange";

export { errorBody } from "./errorShapes";

/** Sends a JSON value; a string is taken as JSON already. Does nothing where an answer has begun. */
export function sendJson(
  res: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (res.headersSent || res.destroyed) return;
  const body = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  res.writeHead(status, { "content-type": "application/json; charset=utf-8", "content-length": body.length, ...headers });
  res.end(res.req.method === "HEAD" ? undefined : body);
}

/** What a caller may be told of an error that was thrown: the coded ones as they are, anything else by its kind. */
export function toCodedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (error instanceof StoreUnavailable) {
    return new CodedError("store_unavailable", { headers: { "retry-after": "5" }, cause: error });
  }
  return new CodedError("internal_error", { cause: error });
}

/** Answers with an error; where the answer has begun, the connection is cut, so that it cannot pass for whole. */
export function sendError(req: IncomingMessage, res: ServerResponse, error: unknown): CodedError {
  const coded = toCodedError(error);
  if (res.headersSent) {
    if (!res.writableEnded) res.destroy();
    return coded;
  }
  for (const name of res.getHeaderNames()) if (name.startsWith("content-")) res.removeHeader(name);
  const exchange = findExchange(req);
  sendJson(res, coded.status, errorBody(coded, exchange && placeOf(exchange)), coded.headers);
  return coded;
}

/** How long the rest of an upload that was refused is read and thrown away. */
const LINGER_MS = 2_000;

/**
 * For an answer given while the upload still runs: a connection that is closed with bytes unread is reset, and the answer lost with
 * it. So the rest is drained, bounded, and the connection then closed.
 */
export function closeAfterUpload(req: IncomingMessage, res: ServerResponse): void {
  if (req.complete || req.destroyed) return;
  const { socket } = req;
  const closeSoon = socket.destroySoon.bind(socket);
  res.shouldKeepAlive = false;
  // What Node calls behind the last answer of a connection: it would close at once.
  socket.destroySoon = () => {
    socket.end();
    req.resume();
    const force = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once("close", () => clearTimeout(force));
    req.once("end", closeSoon);
  };
}
