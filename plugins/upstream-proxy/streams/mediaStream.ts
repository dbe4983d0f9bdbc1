import { MediaReader } from "../../../core/adapters/wire/mediaReader";
import { eventData } from "../../../core/adapters/wire/sseSplitter";
import type { MediaOperation } from "../../../core/domain/ledgerEntry";
import { errorBody } from "../../../core/gateway/errorShapes";
import { breakError } from "./breakError";
import { namedEvent } from "./namedEvent";
import type { EventFate, StreamCall, StreamEnding, StreamProtocol } from "./streamProtocol";

/** Transcripts, speech and pictures (docs/wire.md W67): events with a `type`, of which the last one reports the usage. There is no `[DONE]`. */
export class MediaStream implements StreamProtocol {
  readonly reader: MediaReader;
  readonly dataOf = eventData;
  private endEvent?: Buffer;

  constructor(private readonly call: StreamCall, operation: MediaOperation) {
    this.reader = new MediaReader(operation, call.wantedImages);
  }

  take(event: Buffer, data: string): EventFate {
    const seen = this.reader.event(data);
    if (seen.error === undefined && !seen.done) return seen.json === undefined ? "kept" : "pass";
    this.endEvent = event;
    return seen.error === undefined ? "whole" : "failed";
  }

  shown(event: Buffer): string {
    return event.toString("latin1");
  }

  tail(ending: StreamEnding): readonly Buffer[] {
    const { place } = this.call;
    return [this.endEvent ?? namedEvent({ type: "error", ...(JSON.parse(errorBody(breakError(ending), place)) as object) })];
  }
}
