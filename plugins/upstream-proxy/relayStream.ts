import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import { SseSplitter } from "../../core/adapters/wire/sseSplitter";
import type { ReportedUsage } from "../../core/domain/clampUsage";
import { imagesAskedFor } from "../../core/domain/mediaUsage";
import { placeOf } from "../../core/gateway/errorShapes";
import type { Exchange } from "../../core/gateway/exchange";
import type { CallEnding } from "../../core/services/meter";
import { headerSafe, keptHeaders } from "./answerHeaders";
import { CallerStream } from "./callerStream";
import { BrokenBeforeFirstByte, CALLER_GONE, operationOf, settle, type RelayEnd } from "./endingOf";
import { openProtocol } from "./streams/openProtocol";
import { refusalInStream } from "./upstreamRefusal";
import type { StreamCall, StreamEnding, StreamProtocol } from "./streams/streamProtocol";

export interface StreamOptions extends Pick<StreamCall, "wantsUsage" | "usageInChunks" | "wantsUsageInChunks"> {
  readonly pingMs: number;
  /** What came before anybody could relay it. */
  readonly early?: readonly Buffer[];
}

/**
 * Relays a stream event by event, as it came. The call is settled, durably, before what ends it goes out.
 * @throws BrokenBeforeFirstByte when the upstream broke off, or said that it failed, and nothing was sent
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
  /** What was reported with the last chunk that was paid for. */
  private paid?: ReportedUsage;
  /** Events behind one of which it is not known yet whether the coins cover it. */
  private waiting?: Buffer[];
  private closed = false;
  /** Of the event that says that the server failed. */
  private errorData?: string;
  private firstTokenMs?: number;
  private ended = false;
  /** At the end of this tick. */
  private flushes = false;
  private readonly caller: CallerStream;
  private readonly ping?: NodeJS.Timeout;

  constructor(
    private readonly exchange: Exchange,
    private readonly answer: UpstreamAnswer,
    private readonly options: StreamOptions,
    private readonly resolve: (end: RelayEnd) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.protocol = openProtocol(operationOf(exchange), { ...options, model: exchange.getModel().name, wantedImages: imagesAskedFor(exchange.getBody().json), place: placeOf(exchange) });
    this.caller = new CallerStream(exchange.res, () => this.headers(), () => this.flow());
    if (options.pingMs > 0) {
      this.ping = setInterval(() => this.keepAlive(), options.pingMs / 3);
      this.ping.unref();
    }
  }

  start(): void {
    const { stream } = this.answer;
    stream.on("data", (chunk: Buffer) => this.turn(() => this.onChunk(chunk)));
    stream.on("close", () => this.onClose());
    stream.on("error", () => undefined); // its close says the same
    this.answer.onIdle(() => this.finish("silent"));
    this.exchange.res.once("close", () => this.finish("aborted"));
    this.exchange.endStream = () => this.finish("shutdown");
    if (this.exchange.res.destroyed) this.finish("aborted");
    for (const chunk of this.options.early ?? []) this.turn(() => this.onChunk(chunk));
    // It broke off before anybody listened: its close does not come again.
    if (stream.destroyed) this.onClose();
  }

  private onClose(): void {
    this.closed = true;
    if (!this.waiting) this.finishClosed();
  }

  private finishClosed(): void {
    const { reader } = this.protocol;
    this.finish(reader.done || reader.finished ? "whole" : "cut");
  }

  /** What is thrown in a listener would end the process. */
  private turn(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.giveUp(error);
    }
    this.flushSoon();
  }

  /**
   * Events of one read of the server's socket go out in one write. Each comes in a turn of its own (most servers send an event as a chunk of the
   * body, and Node tells of each chunk), all before the next tick: where the gateway falls behind, reads bring more, and each event costs less.
   */
  private flushSoon(): void {
    if (this.flushes) return;
    this.flushes = true;
    process.nextTick(this.flushNow);
  }

  private readonly flushNow = (): void => {
    this.flushes = false;
    this.caller.flush();
    if (this.caller.isFull && !this.ended) this.answer.stream.pause();
  };

  private giveUp(error: unknown): void {
    this.ended = true;
    clearInterval(this.ping);
    this.answer.close();
    this.reject(error);
  }

  private onChunk(chunk: Buffer): void {
    if (this.ended) return;
    // Paused or cut off for longer than its lease: not a word more (docs/rules.md H6).
    if (!this.exchange.getMeter().mayAnswer()) return void this.exchange.res.destroy();
    const events = this.splitter.push(chunk);
    if (this.waiting) this.waiting.push(...events);
    else this.takeAll(events);
  }

  private takeAll(events: readonly Buffer[]): void {
    for (let at = 0; at < events.length; at++) {
      const covered = this.onEvent(events[at] as Buffer);
      if (this.ended) return;
      if (covered) return this.waitFor(covered, events.slice(at + 1));
    }
    if (this.splitter.overflowed) this.finish("cut");
  }

  /** @param covered resolves when the event before the rest has been dealt with */
  private waitFor(covered: Promise<void>, rest: Buffer[]): void {
    this.waiting = rest;
    this.answer.stream.pause();
    const goOn = () => {
      const events = this.waiting ?? [];
      this.waiting = undefined;
      if (!this.ended) this.takeAll(events);
      this.flow();
      if (this.closed && !this.waiting) this.finishClosed();
    };
    covered.then(() => this.turn(goOn), (error: unknown) => this.giveUp(error));
  }

  /** @returns a promise where the event waits for the coins that cover it */
  private onEvent(event: Buffer): Promise<void> | undefined {
    const data = this.protocol.dataOf(event);
    if (data === undefined) {
      // A record without data crashes some clients; a comment is safe.
      if (event[0] === 0x3a) this.caller.add(event.toString("latin1"));
      return undefined;
    }
    const fate = this.protocol.take(event, data);
    if (fate === "failed") this.errorData = data;
    if (fate === "priced") return this.passPriced(event);
    if (fate === "pass") this.pass(event);
    else if (fate !== "kept") this.finish(fate);
    return undefined;
  }

  private pass(event: Buffer): void {
    const { produced, finished } = this.protocol.reader;
    if (produced.characters > 0) this.firstTokenMs ??= Date.now() - this.exchange.startedAt;
    this.caller.add(this.protocol.shown(event));
    if (this.paid !== undefined) return;
    if (!this.exchange.getMeter().produced(produced.roughTokens, this.answer.endpoint.id) && !finished) this.finish("stopped");
  }

  /** Asks before the chunk goes on: what the coins do not cover never reaches the caller (docs/rules.md H4). */
  private passPriced(event: Buffer): Promise<void> | undefined {
    const { usage } = this.protocol.reader;
    const goOn = (covered: boolean): void => {
      if (this.ended) return;
      if (!covered) return this.finish("stopped");
      if (usage.outputTokens !== undefined) this.paid = usage;
      this.pass(event);
    };
    const covered = this.exchange.getMeter().reported(usage, this.answer.endpoint.id);
    return typeof covered === "boolean" ? void goOn(covered) : covered.then(goOn);
  }

  private flow(): void {
    if (!this.caller.isFull && !this.waiting) this.answer.stream.resume();
  }

  private headers(): Record<string, string | string[]> {
    return {
      ...keptHeaders(this.answer.headers),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "x-lumen-upstream-model": headerSafe(this.answer.endpoint.model),
    };
  }

  /** Comments go out at event boundaries alone; every write here ends one. */
  private keepAlive(): void {
    if (this.ended || this.caller.silentMs < this.options.pingMs) return;
    this.caller.add(PING);
    this.caller.flush();
  }

  private finish(ending: Ending): void {
    if (this.ended) return;
    // What came before has gone out.
    this.caller.flush();
    this.ended = true;
    clearInterval(this.ping);
    const { res } = this.exchange;
    const broken = BROKEN.has(ending);
    if (!this.protocol.reader.done) this.answer.close();
    else this.answer.stream.resume();
    if (broken && !res.headersSent) {
      const refusal = this.errorData === undefined ? undefined : refusalInStream(this.errorData, placeOf(this.exchange));
      this.reject(new BrokenBeforeFirstByte(refusal ?? (ending === "silent" ? "fell silent" : "broke off")));
      return;
    }
    settle(this.exchange, this.answer, this.endingOf(ending)).then(
      (entry) => {
        if (ending !== "aborted" && !res.destroyed) this.caller.end(this.protocol.tail(ending, entry));
        this.resolve(broken ? "broken" : "whole");
      },
      (error: unknown) => this.reject(error),
    );
  }

  private endingOf(ending: Ending): CallEnding {
    const { usage, produced, finished } = this.protocol.reader;
    // The chunk that was kept back is not charged.
    const reported = ending === "stopped" ? (this.paid ?? usage) : usage;
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
}

const PING = ": ping\n\n";
