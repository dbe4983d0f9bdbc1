import { EventHead } from "../../../core/adapters/wire/eventHead";
import { withoutUsage } from "../../../core/adapters/wire/eventJson";
import { renameModelInEvent } from "../../../core/adapters/wire/modelRename";
import { eventData } from "../../../core/adapters/wire/sseSplitter";
import { TextEvent } from "../../../core/adapters/wire/textEvent";
import { createStreamReader, type ChoicesReader } from "../../../core/adapters/wire/usageReader";
import { fieldsOf, type Fields } from "../../../core/domain/jsonFields";
import type { LedgerEntry, Operation } from "../../../core/domain/ledgerEntry";
import { errorBody } from "../../../core/gateway/errorShapes";
import { dataEvent, DONE_EVENT, stoppedChunk, usageChunk, withCost } from "../streamEvents";
import { breakError } from "./breakError";
import type { EventFate, StreamCall, StreamEnding, StreamProtocol } from "./streamProtocol";

/** Chat and completions (docs/wire.md W26 to W28): chunks, then `[DONE]`. */
export class ChatStream implements StreamProtocol {
  readonly reader: ChoicesReader;
  private readonly head: EventHead;
  private readonly textEvent = new TextEvent();
  /** What is read of the event: all of it, what stands behind the head that it shares with one before, or the text that alone is new in it. */
  private part: "all" | "rest" | "text" = "all";
  private usageEvent?: Buffer;
  private errorEvent?: Buffer;
  private json?: Fields;
  private lastChunk?: Fields;

  constructor(private readonly call: StreamCall, operation: Operation) {
    this.reader = createStreamReader(operation);
    this.head = new EventHead(call.model);
  }

  dataOf(event: Buffer): string | undefined {
    const text = this.textEvent.textOf(event);
    const data = text ?? this.head.restOf(event);
    this.part = text !== undefined ? "text" : data !== undefined ? "rest" : "all";
    return data ?? eventData(event);
  }

  take(event: Buffer, data: string): EventFate {
    if (this.part === "text") {
      this.reader.textPiece(data);
      return "pass";
    }
    const seen = this.reader.event(data);
    if (seen.done) return "whole";
    if (seen.error !== undefined) {
      this.errorEvent = event;
      return "failed";
    }
    if (seen.isUsageOnly) {
      this.usageEvent = event;
      return "kept";
    }
    this.json = seen.json;
    if (seen.json && this.part === "rest") this.textEvent.learn(event, () => this.shown(event), data, seen.json);
    if (seen.json && this.part === "all") {
      this.lastChunk = seen.json;
      this.head.learn(event, seen.json["model"]);
    }
    return this.call.usageInChunks && fieldsOf(seen.json?.["usage"]) ? "priced" : "pass";
  }

  shown(event: Buffer): string {
    if (this.part === "text") return this.textEvent.shown(event);
    const { model: name, usageInChunks, wantsUsageInChunks } = this.call;
    const model = this.json?.["model"];
    const hidesUsage = usageInChunks && !wantsUsageInChunks && fieldsOf(this.json?.["usage"]) !== undefined;
    if (this.part === "rest" && model === undefined && !hidesUsage) return this.head.shown(event);
    const isNamed = this.part === "all" && (model === undefined || model === name);
    const renamed = isNamed ? event : renameModelInEvent(event, name);
    return (hidesUsage ? withoutUsage(renamed) : renamed).toString("latin1");
  }

  tail(ending: StreamEnding, entry: LedgerEntry): readonly Buffer[] {
    const { model, wantsUsage, place } = this.call;
    if (ending === "failed" && this.errorEvent) return [this.errorEvent, DONE_EVENT];
    if (ending !== "whole" && ending !== "stopped") return [dataEvent(Buffer.from(errorBody(breakError(ending), place))), DONE_EVENT];
    const stopped = ending === "stopped" ? [stoppedChunk(this.lastChunk, model)] : [];
    const usage = !wantsUsage ? [] : [this.usageEvent ? withCost(this.usageEvent, model, entry) : usageChunk(this.lastChunk, model, entry)];
    return [...stopped, ...usage, DONE_EVENT];
  }
}
