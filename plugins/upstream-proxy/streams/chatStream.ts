import { withoutUsage } from "../../../core/adapters/wire/eventJson";
import { renameModelInEvent } from "../../../core/adapters/wire/modelRename";
import { createStreamReader, type StreamReader } from "../../../core/adapters/wire/usageReader";
import { fieldsOf, type Fields } from "../../../core/domain/jsonFields";
import type { LedgerEntry, Operation } from "../../../core/domain/ledgerEntry";
import { errorBody } from "../../../core/gateway/errorShapes";
import { dataEvent, DONE_EVENT, stoppedChunk, usageChunk, withCost } from "../streamEvents";
import { breakError } from "./breakError";
import type { EventFate, StreamCall, StreamEnding, StreamProtocol } from "./streamProtocol";

/** Chat and completions (docs/wire.md W26 to W28): chunks, then `[DONE]`. */
export class ChatStream implements StreamProtocol {
  readonly reader: StreamReader;
  private usageEvent?: Buffer;
  private errorEvent?: Buffer;
  private json?: Fields;
  private lastChunk?: Fields;

  constructor(private readonly call: StreamCall, operation: Operation) {
    this.reader = createStreamReader(operation);
  }

  take(event: Buffer, data: string): EventFate {
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
    if (seen.json) this.lastChunk = seen.json;
    return this.call.usageInChunks && fieldsOf(seen.json?.["usage"]) ? "priced" : "pass";
  }

  shown(event: Buffer): Buffer {
    const model = this.json?.["model"];
    const renamed = model === undefined || model === this.call.model ? event : renameModelInEvent(event, this.call.model);
    return this.call.usageInChunks && !this.call.wantsUsageInChunks && fieldsOf(this.json?.["usage"]) ? withoutUsage(renamed) : renamed;
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
