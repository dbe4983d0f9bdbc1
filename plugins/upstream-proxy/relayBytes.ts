import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import { LargeAnswer } from "../../core/adapters/wire/largeAnswer";
import type { Exchange } from "../../core/gateway/exchange";
import type { CallEnding } from "../../core/services/meter";
import { headerSafe, keptHeaders } from "./answerHeaders";
import { BrokenBeforeFirstByte, CALLER_GONE, operationOf, settle, type RelayEnd } from "./endingOf";

/**
 * Relays an answer as it comes, never held whole: sound, and what is too large to wait for. What would complete it goes out once
 * the call is settled, durably: its last bytes where the length is known, else the end of the chunked body (docs/wire.md W22, W64).
 * @param first bytes that were read already
 * @throws BrokenBeforeFirstByte when the upstream broke off and nothing was sent
 */
export async function relayBytes(exchange: Exchange, answer: UpstreamAnswer, first?: Buffer): Promise<RelayEnd> {
  const { res } = exchange;
  const seen = new LargeAnswer(operationOf(exchange));
  const length = answer.headers["content-length"] === undefined ? Infinity : Number(answer.headers["content-length"]);
  const completing: Buffer[] = [];
  const timing: { firstTokenMs?: number } = {};
  const pass = (chunk: Buffer): Promise<void> | undefined => {
    seen.push(chunk);
    timing.firstTokenMs ??= Date.now() - exchange.startedAt;
    if (seen.size >= length) completing.push(chunk);
    else {
      if (!res.headersSent) writeHead(exchange, answer);
      if (!res.write(chunk)) return drained(exchange);
    }
    return undefined;
  };
  answer.onIdle(() => answer.close());
  // What a crash would book.
  exchange.getMeter().produced(0, answer.endpoint.id);
  try {
    if (first) await pass(first);
    for await (const chunk of answer.stream as AsyncIterable<Buffer>) await pass(chunk);
  } catch (error) {
    // The stream throws when its connection ends early, whoever ended it.
    if (answer.complete && !res.destroyed) throw error;
  }
  const ending = { produced: seen.produced, ...timing };
  if (!answer.complete) return brokenOff(exchange, answer, seen.size === 0 ? {} : { ...ending, reported: seen.reported(false) });
  await settle(exchange, answer, { ...ending, status: answer.status, reported: seen.reported(true) });
  if (res.destroyed) return "whole";
  if (!res.headersSent) writeHead(exchange, answer);
  for (const chunk of completing) res.write(chunk);
  res.end();
  return "whole";
}

function writeHead({ res }: Exchange, answer: UpstreamAnswer): void {
  const { "content-length": length, "content-encoding": encoding } = answer.headers;
  res.writeHead(answer.status, {
    ...keptHeaders(answer.headers),
    ...(length === undefined ? {} : { "content-length": length }),
    // Its bytes go on as they are, compressed against our wish or not.
    ...(encoding === undefined ? {} : { "content-encoding": encoding }),
    "x-lumen-upstream-model": headerSafe(answer.endpoint.model),
  });
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

/** Either the caller has gone (C3: the input is charged), or the upstream has (C4, C5). */
export async function brokenOff(exchange: Exchange, answer: UpstreamAnswer, seen: Pick<CallEnding, "produced" | "reported" | "firstTokenMs"> = {}): Promise<RelayEnd> {
  const { res } = exchange;
  if (res.destroyed) {
    await settle(exchange, answer, { ...seen, status: CALLER_GONE, flags: ["aborted"] });
    return "whole";
  }
  if (!res.headersSent) throw new BrokenBeforeFirstByte();
  await settle(exchange, answer, { ...seen, status: answer.status, flags: ["failed"] });
  res.destroy();
  return "broken";
}
