import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import { eventData, SseSplitter } from "../../core/adapters/wire/sseSplitter";
import type { LedgerEntry } from "../../core/domain/ledgerEntry";
import { placeOf } from "../../core/gateway/errorShapes";
import type { Exchange } from "../../core/gateway/exchange";
import type { CallEnding } from "../../core/services/meter";
import { keptHeaders } from "./answerHeaders";
import { BrokenBeforeFirstByte, CALLER_GONE, settle, type RelayEnd } from "./endingOf";
import { headerSafe, operationOf } from "./relayJson";
import { openProtocol } from "./streams/openProtocol";
import type { StreamEnding, StreamProtocol } from "./streams/streamProtocol";

export interface StreamOptions {
  /** The caller asked for the usage chunk; otherwise it is ours alone. */
  readonly wantsUsage: boolean;
  readonly pingMs: number;
}

/**
 * Relays a stream event by event, as it came. The call is settled, durably, before what ends it goes out.
 * @throws BrokenBeforeFirstByte when the upstream broke off and nothing was sent
 */
export function relayStream(exchange: Exchange, answer: UpstreamAnswer, options: StreamOptions): Promise<RelayEnd> {
  return new Promise((resolve, reject) => {
    new StreamRelay(exchange, answer, options, resolve, reject).start();
  });
}

type Ending = StreamEnding | "aborted";

const BROKEN: ReadonlySet<Ending> = new Set<Ending>(["failed", "cut", "silent"]);

class StreamRelay {
  private readonly splitter = new SseSplitter();
  private readonly protocol: StreamProtocol;
  private firstTokenMs?: number;
  private ended = false;
  private lastWrite = Date.now();
  private readonly ping?: NodeJS.Timeout;

  constructor(
    private readonly exchange: Exchange,
    private readonly answer: UpstreamAnswer,
    private readonly options: StreamOptions,
    private readonly resolve: (end: RelayEnd) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    const call = { model: exchange.getModel().name, wantsUsage: options.wantsUsage, place: placeOf(exchange) };
    this.protocol = openProtocol(operationOf(exchange), call);
    if (options.pingMs > 0) {
      this.ping = setInterval(() => this.keepAlive(), options.pingMs / 3);
      this.ping.unref();
    }
  }

  start(): void {
    const { stream } = this.answer;
    const { reader } = this.protocol;
    stream.on("data", (chunk: Buffer) => this.guarded(chunk));
    stream.on("close", () => this.finish(reader.done || reader.finished ? "whole" : "cut"));
    stream.on("error", () => undefined); // its close says the same
    this.answer.onIdle(() => this.finish("silent"));
    this.exchange.res.once("close", () => this.finish("aborted"));
    if (this.exchange.res.destroyed) this.finish("aborted");
    // It broke off before anybody listened: its close does not come again.
    else if (stream.destroyed) this.finish("cut");
  }

  /** What is thrown in a listener would end the process. */
  private guarded(chunk: Buffer): void {
    try {
      this.onChunk(chunk);
    } catch (error) {
      this.ended = true;
      clearInterval(this.ping);
      this.answer.close();
      this.reject(error);
    }
  }

  private onChunk(chunk: Buffer): void {
    if (this.ended) return;
    for (const event of this.splitter.push(chunk)) {
      this.onEvent(event);
      if (this.ended) return;
    }
    if (this.splitter.overflowed) this.finish("cut");
  }

  private onEvent(event: Buffer): void {
    const data = eventData(event);
    // A record without data crashes some clients; a comment is safe.
    if (data === undefined) return event[0] === 0x3a ? this.send(event) : undefined;
    const fate = this.protocol.take(event, data);
    if (fate === "kept") return;
    if (fate !== "pass") return this.finish(fate);
    const { produced, finished } = this.protocol.reader;
    if (produced.characters > 0) this.firstTokenMs ??= Date.now() - this.exchange.startedAt;
    this.send(this.protocol.shown(event));
    if (!this.exchange.getMeter().produced(produced.roughTokens, this.answer.endpoint.id) && !finished) this.finish("stopped");
  }

  private send(bytes: Buffer): void {
    const { res } = this.exchange;
    if (!res.headersSent) this.writeHead();
    this.lastWrite = Date.now();
    if (res.write(bytes)) return;
    this.answer.stream.pause();
    res.once("drain", () => this.answer.stream.resume());
  }

  private writeHead(): void {
    this.exchange.res.writeHead(200, {
      ...keptHeaders(this.answer.headers),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "x-lumen-upstream-model": headerSafe(this.answer.endpoint.model),
    });
    this.exchange.res.flushHeaders();
  }

  /** Comments go out at event boundaries alone; every write here ends one. */
  private keepAlive(): void {
    if (!this.ended && Date.now() - this.lastWrite >= this.options.pingMs) this.send(PING);
  }

  private finish(ending: Ending): void {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.ping);
    const { res } = this.exchange;
    const broken = BROKEN.has(ending);
    if (!this.protocol.reader.done) this.answer.close();
    else this.answer.stream.resume();
    if (broken && ending !== "failed" && !res.headersSent) {
      this.reject(new BrokenBeforeFirstByte(ending));
      return;
    }
    settle(this.exchange, this.answer, this.endingOf(ending)).then(
      (entry) => {
        if (ending !== "aborted" && !res.destroyed) this.writeTail(ending, entry);
        this.resolve(broken ? "broken" : "whole");
      },
      (error: unknown) => this.reject(error),
    );
  }

  private endingOf(ending: Ending): CallEnding {
    const { usage: reported, produced, finished } = this.protocol.reader;
    const base = {
      produced,
      reported,
      ...(this.firstTokenMs === undefined ? {} : { firstTokenMs: this.firstTokenMs }),
    };
    if (ending === "whole") return { ...base, status: 200 };
    if (ending === "stopped") return { ...base, status: 200, flags: ["stopped"] };
    // It left after the last chunk: a success (C3).
    if (ending === "aborted") return finished ? { ...base, status: 200 } : { ...base, status: CALLER_GONE, flags: ["aborted"] };
    return { ...base, status: 200, flags: ["failed"], free: produced.pieces === 0 };
  }

  private writeTail(ending: StreamEnding, entry: LedgerEntry): void {
    if (!this.exchange.res.headersSent) this.writeHead();
    this.exchange.res.end(Buffer.concat(this.protocol.tail(ending, entry)));
  }
}

const PING = Buffer.from(": ping\n\n");
