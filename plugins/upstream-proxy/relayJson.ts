import type { OutgoingHttpHeaders } from "node:http";
import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import { renameModel } from "../../core/adapters/wire/modelRename";
import { bytesProduced } from "../../core/adapters/wire/largeAnswer";
import { readMediaAnswer } from "../../core/adapters/wire/mediaAnswer";
import { readAnswer, type AnswerReading } from "../../core/adapters/wire/usageReader";
import { formatCoins } from "../../core/domain/coins";
import { fieldsOf, type Fields } from "../../core/domain/jsonFields";
import { isMedia } from "../../core/domain/mediaUsage";
import type { Operation } from "../../core/domain/ledgerEntry";
import type { Exchange } from "../../core/gateway/exchange";
import { endInOnePiece } from "../../core/adapters/wire/endInOnePiece";
import { headerSafe, keptHeaders } from "./answerHeaders";
import { BrokenBeforeFirstByte, operationOf, settle, type RelayEnd } from "./endingOf";
import { plainBody } from "./plainBody";
import { brokenOff, relayBytes } from "./relayBytes";
import { readWhole } from "./readWhole";

/** An answer up to this size waits for its settlement whole, and tells its cost in a header. */
const WHOLE = 1_048_576;

/**
 * Relays an answer that is not a stream. The call is settled, durably, before the last byte goes out.
 * @throws BrokenBeforeFirstByte when the upstream broke off and nothing was sent
 */
export async function relayJson(exchange: Exchange, answer: UpstreamAnswer): Promise<RelayEnd> {
  let silent = false;
  // A body that stops coming is a broken one.
  answer.onIdle(() => {
    silent = true;
    answer.close();
  });
  const { bytes, more } = await readWhole(answer.stream, WHOLE);
  if (more) return relayBytes(exchange, answer, bytes);
  if (!answer.complete && silent && !exchange.res.destroyed) throw new BrokenBeforeFirstByte("fell silent");
  if (!answer.complete) return brokenOff(exchange, answer);
  const received = await plainBody(bytes, answer.headers["content-encoding"]).catch(() => Promise.reject(new BrokenBeforeFirstByte()));
  const parsed = mayBeJson(exchange, answer) ? parse(received) : undefined;
  const body = parsed === undefined ? received : publicModel(received, parsed, exchange.getModel().name);
  const { usage: reported, produced } = readingOf(operationOf(exchange), parsed, received);
  const entry = await settle(exchange, answer, { status: answer.status, reported, produced });
  if (exchange.res.destroyed) return "whole";
  const upstreamModel = typeof parsed?.["model"] === "string" ? parsed["model"] : answer.endpoint.model;
  const headers: OutgoingHttpHeaders = keptHeaders(answer.headers);
  headers["content-length"] = body.length;
  headers["x-lumen-upstream-model"] = headerSafe(upstreamModel);
  headers["x-lumen-cost"] = formatCoins(entry.costNano);
  exchange.res.writeHead(answer.status, headers);
  endInOnePiece(exchange.res, body);
  return "whole";
}

/** A transcription may be plain text, whatever it looks like. */
function mayBeJson(exchange: Exchange, answer: UpstreamAnswer): boolean {
  return !isMedia(operationOf(exchange)) || /json/i.test(answer.headers["content-type"] ?? "");
}

function readingOf(operation: Operation, parsed: Fields | undefined, received: Buffer): AnswerReading {
  if (isMedia(operation)) return readMediaAnswer(operation, parsed, received);
  // What cannot be read was produced all the same (C2: never free).
  return parsed === undefined ? { usage: {}, produced: bytesProduced(received.length) } : readAnswer(operation, parsed);
}

function publicModel(body: Buffer, parsed: Fields, name: string): Buffer {
  return parsed["model"] === undefined || parsed["model"] === name ? body : renameModel(body, name);
}

function parse(body: Buffer): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(body.toString("utf8")));
  } catch {
    return undefined;
  }
}
