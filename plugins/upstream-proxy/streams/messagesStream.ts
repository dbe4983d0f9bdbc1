import { MessagesReader } from "../../../core/adapters/wire/messagesReader";
import { renameModelInside } from "../../../core/adapters/wire/modelRename";
import { eventData } from "../../../core/adapters/wire/sseSplitter";
import type { LedgerEntry } from "../../../core/domain/ledgerEntry";
import { errorBody } from "../../../core/gateway/errorShapes";
import { breakError } from "./breakError";
import { namedEvent } from "./namedEvent";
import type { EventFate, StreamCall, StreamEnding, StreamProtocol } from "./streamProtocol";

const MESSAGE_STOP = namedEvent({ type: "message_stop" });

/** Anthropic's messages (docs/wire.md W55): named events, of which `message_stop` is the last. */
export class MessagesStream implements StreamProtocol {
  readonly reader = new MessagesReader();
  private isStart = false;
  readonly dataOf = eventData;
  private endEvent?: Buffer;

  constructor(private readonly call: StreamCall) {}

  take(event: Buffer, data: string): EventFate {
    const seen = this.reader.event(data);
    const type = seen.json?.["type"];
    this.isStart = type === "message_start";
    if (seen.error !== undefined) {
      // Clients see an error by its name alone: one of another shape is told anew.
      if (type === "error") this.endEvent = event;
      return "failed";
    }
    if (seen.done) {
      this.endEvent = event;
      return "whole";
    }
    return seen.json === undefined ? "kept" : "pass";
  }

  shown(event: Buffer): string {
    return (this.isStart ? renameModelInside(event, "message", this.call.model) : event).toString("latin1");
  }

  tail(ending: StreamEnding, entry: LedgerEntry): readonly Buffer[] {
    if (ending === "whole") return [this.endEvent ?? MESSAGE_STOP];
    if (ending === "stopped") return [...this.stopped(entry), MESSAGE_STOP];
    return [this.endEvent ?? Buffer.from(`event: error\ndata: ${errorBody(breakError(ending), this.call.place)}\n\n`)];
  }

  /** H4: the block that is open is closed, and the message ends as one that has reached its limit. */
  private stopped({ usage }: LedgerEntry): readonly Buffer[] {
    const { openBlock } = this.reader;
    return [
      ...(openBlock === undefined ? [] : [namedEvent({ type: "content_block_stop", index: openBlock })]),
      namedEvent({
        type: "message_delta", delta: { stop_reason: "max_tokens", stop_sequence: null }, usage: { output_tokens: usage.outputTokens },
        lumen: { stopped: "insufficient_quota" },
      }),
    ];
  }
}
