import type { OutgoingHttpHeaders } from "node:http";
import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import { renameModel } from "../../core/adapters/wire/modelRename";
import { readAnswer, usageInPart } from "../../core/adapters/wire/usageReader";
import type { ProducedText } from "../../core/adapters/wire/producedText";
import { formatCoins } from "../../core/domain/coins";
import type { Operation } from "../../core/domain/ledgerEntry";
import type { Exchange } from "../../core/gateway/exchange";
import { endInOnePiece } from "../../core/adapters/wire/endInOnePiece";
import { keptHeaders } from "./answerHeaders";
import { BrokenBeforeFirstByte, CALLER_GONE, settle, type RelayEnd } from "./endingOf";
import { plainBody } from "./plainBody";
import { readWhole } from "./readWhole";

/** An answer up to this size waits for its settlement whole, and tells its cost in a header. */
const WHOLE = 1_048_576;
const TAIL = 65_536;

/**
 * Relays an answer that is not a stream. The call is settled, durably, before the last byte goes out.
 * @throws BrokenBeforeFirstByte when the upstream broke off and nothing was sent
 */
export async function relayJson(exchange: Exchange, answer: UpstreamAnswer): Promise<RelayEnd> {
  // A body that stops coming is a broken one.
  answer.onIdle(() => answer.close());
  const { bytes, more } = await readWhole(answer.stream, WHOLE);
  if (more) return relayLarge(exchange, answer, bytes);
  if (!answer.complete) return brokenOff(exchange, answer);
  const received = await plainBody(bytes, answer.headers["content-encoding"]).catch(() => Promise.reject(new BrokenBeforeFirstByte("unreadable")));
  const parsed = parse(received);
  const body = parsed === undefined ? received : publicModel(received, parsed, exchange.getModel().name);
  const { usage, produced } = readAnswer(operationOf(exchange), parsed);
  // What cannot be read was produced all the same (C2: never free).
  const seen = parsed === undefined ? bytesProduced(received.length) : produced;
  const entry = await settle(exchange, answer, { status: answer.status, reported: usage, produced: seen });
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

function publicModel(body: Buffer, parsed: Readonly<Record<string, unknown>>, name: string): Buffer {
  return parsed["model"] === undefined || parsed["model"] === name ? body : renameModel(body, name);
}

export function operationOf(exchange: Exchange): Operation {
  return exchange.match?.route.operation ?? "chat";
}

function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Too large to wait for: its bytes go on as they come, but the last of them waits for the settlement. */
async function relayLarge(exchange: Exchange, answer: UpstreamAnswer, first: Buffer): Promise<RelayEnd> {
  const { res } = exchange;
  const { "content-length": length, "content-encoding": encoding } = answer.headers;
  res.writeHead(answer.status, {
    ...keptHeaders(answer.headers),
    ...(length === undefined ? {} : { "content-length": length }),
    // Its bytes go on as they are, compressed against our wish or not.
    ...(encoding === undefined ? {} : { "content-encoding": encoding }),
    "x-lumen-upstream-model": headerSafe(answer.endpoint.model),
  });
  let held = first;
  let tail = first.subarray(-TAIL);
  let size = first.length;
  try {
    for await (const chunk of answer.stream as AsyncIterable<Buffer>) {
      if (!res.write(held)) await drained(exchange);
      held = chunk;
      size += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL);
    }
  } catch (error) {
    if (!isCutOff(exchange, answer)) throw error;
  }
  const produced = bytesProduced(size);
  if (!answer.complete) return brokenOff(exchange, answer, produced);
  const reported = usageInPart(operationOf(exchange), tail) ?? usageInPart(operationOf(exchange), first.subarray(0, TAIL));
  await settle(exchange, answer, { status: answer.status, produced, ...(reported ? { reported } : {}) });
  res.end(held);
  return "whole";
}

/** What is said of an answer whose text was not read: its bytes. */
function bytesProduced(size: number): ProducedText {
  return { characters: size, pieces: 0, sample: "", roughTokens: Math.ceil(size / 3) };
}

function drained({ res }: Exchange): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off("drain", done).off("close", done);
      resolve();
    };
    res.on("drain", done).on("close", done);
    if (res.destroyed) done();
  });
}

/** The stream throws when its connection ends early, whoever ended it. */
function isCutOff(exchange: Exchange, answer: UpstreamAnswer): boolean {
  return !answer.complete || exchange.res.destroyed;
}

/** Either the caller has gone (C3: the input is charged), or the upstream has (C4, C5). */
async function brokenOff(exchange: Exchange, answer: UpstreamAnswer, produced?: ProducedText): Promise<RelayEnd> {
  const { res } = exchange;
  if (res.destroyed) {
    await settle(exchange, answer, { status: CALLER_GONE, ...(produced ? { produced } : {}), flags: ["aborted"] });
    return "whole";
  }
  if (!res.headersSent) throw new BrokenBeforeFirstByte();
  await settle(exchange, answer, { status: answer.status, ...(produced ? { produced } : {}), flags: ["failed"] });
  res.destroy();
  return "broken";
}

/** A name from an upstream, as a header can carry it. */
export function headerSafe(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 256);
}
