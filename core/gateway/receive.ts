import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { CodedError } from "../errors/codedError";
import type { Exchange } from "./exchange";
import { closeAfterUpload } from "./respond";

/** What the host and its plugins may have put on a request. */
export type HostRequest = IncomingMessage & { readonly egContext?: { readonly requestStream?: Readable }; readonly body?: unknown };

/** Says no to a request of which more may still come: the caller gets to read the answer. */
export function refuseUpload(exchange: Exchange, error: CodedError): CodedError {
  closeAfterUpload(exchange.req, exchange.res);
  return error;
}

/** The content coding of the body, in lower case; `identity` where it is as it was made. */
export function contentEncoding(req: IncomingMessage): string {
  const said = (req.headers["content-encoding"] ?? "").trim().toLowerCase();
  return said === "" ? "identity" : said;
}

/** @throws CodedError request_too_large where the declared length says so already */
export function refuseDeclared(exchange: Exchange): void {
  const limit = exchange.snapshot.server.bodyLimitBytes;
  if (Number(exchange.req.headers["content-length"] ?? 0) > limit) throw refuseUpload(exchange, tooLarge(limit));
}

export function tooLarge(limit: number): CodedError {
  return new CodedError("request_too_large", {
    message: `The request body is larger than ${Math.floor(limit / 1_048_576)} MB. Send less, or ask the administrator to raise server.body_limit_mb.`,
  });
}

/**
 * Hands the bytes of a source on as they come; while `take` is at work on some, no more are read.
 * @param stopAt a length at which it ends, where the source has no end of its own
 * @throws CodedError request_too_large, invalid_request; what `take` throws
 */
export function receive(source: Readable, limit: number, stopAt: number | undefined, take: (chunk: Buffer) => Promise<void> | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let size = 0;
    let taking = false;
    let hasEnded = false;
    const finish = () => {
      hasEnded = true;
      if (taking) return;
      stop();
      resolve();
    };
    const fail = (error: unknown) => {
      stop();
      source.pause();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const taken = () => {
      taking = false;
      if (hasEnded) finish();
      else source.resume();
    };
    const onData = (chunk: Buffer | string) => {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      if (size > limit) return fail(tooLarge(limit));
      try {
        const waiting = take(bytes);
        if (waiting) {
          taking = true;
          source.pause();
          waiting.then(taken, fail);
        }
      } catch (error) {
        return fail(error);
      }
      if (stopAt !== undefined && size >= stopAt) finish();
    };
    const onGone = () => {
      // Closed behind its end, while the last bytes are still being taken.
      if (!hasEnded) fail(new CodedError("invalid_request", { message: "The request body broke off." }));
    };
    const stop = () => {
      source.off("data", onData).off("end", finish).off("error", onGone).off("close", onGone);
    };
    source.on("data", onData).on("end", finish).on("error", onGone).on("close", onGone);
  });
}
