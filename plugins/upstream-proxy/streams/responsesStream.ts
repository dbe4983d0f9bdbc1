import { renameModelInside } from "../../../core/adapters/wire/modelRename";
import { ResponsesReader } from "../../../core/adapters/wire/responsesReader";
import { eventData } from "../../../core/adapters/wire/sseSplitter";
import { fieldsOf, type Fields } from "../../../core/domain/jsonFields";
import type { LedgerEntry } from "../../../core/domain/ledgerEntry";
import { breakError } from "./breakError";
import { namedEvent } from "./namedEvent";
import type { EventFate, StreamCall, StreamEnding, StreamProtocol } from "./streamProtocol";

/** Responses (docs/wire.md W54): named and numbered events, of which the last holds the whole response. There is no `[DONE]`. */
export class ResponsesStream implements StreamProtocol {
  readonly reader = new ResponsesReader();
  private hasResponse = false;
  readonly dataOf = eventData;
  private endEvent?: Buffer;

  constructor(private readonly call: StreamCall) {}

  take(event: Buffer, data: string): EventFate {
    const seen = this.reader.event(data);
    const type = seen.json?.["type"];
    this.hasResponse = fieldsOf(seen.json?.["response"])?.["model"] !== undefined;
    if (seen.error !== undefined) {
      // Clients know an error by its type: one of another shape is told anew.
      if (type === "error" || type === "response.failed") this.endEvent = event;
      return "failed";
    }
    if (seen.done) {
      this.endEvent = event;
      return "whole";
    }
    // What is no JSON (a `[DONE]` too early) is no event of this protocol, and would stop its clients.
    return seen.json === undefined ? "kept" : "pass";
  }

  shown(event: Buffer): string {
    return (this.hasResponse ? renameModelInside(event, "response", this.call.model) : event).toString("latin1");
  }

  tail(ending: StreamEnding, entry: LedgerEntry): readonly Buffer[] {
    if ((ending === "whole" || ending === "failed") && this.endEvent) return [Buffer.from(this.shown(this.endEvent), "latin1")];
    if (ending === "stopped") return this.stopped(entry);
    const { message, type, code } = breakError(ending);
    const response = this.responseAs({ status: "failed", error: { code: "server_error", message } });
    // Clients built on `openai` throw at a member `error` alone; some of them take `response.failed` for a clean end.
    const error = { type, code, message, param: null };
    return this.numbered([{ type: "response.failed", response }, { ...error, type: "error", error }]);
  }

  /** H4: the texts that are open are closed, and the response ends as one that has reached its limit, with all that came. */
  private stopped({ usage }: LedgerEntry): readonly Buffer[] {
    const { inputTokens, cachedInputTokens, outputTokens } = usage;
    const response = this.responseAs({
      status: "incomplete", error: null, incomplete_details: { reason: "max_output_tokens" },
      usage: {
        input_tokens: inputTokens, input_tokens_details: { cached_tokens: cachedInputTokens }, output_tokens: outputTokens,
        output_tokens_details: { reasoning_tokens: 0 }, total_tokens: inputTokens + outputTokens,
      },
      lumen: { stopped: "insufficient_quota" },
    });
    return this.numbered([...this.reader.output.closingEvents(), { type: "response.incomplete", response }]);
  }

  /** The response as it was last told, with what has come since, in another state. */
  private responseAs(state: Fields): Fields {
    const last = this.reader.response ?? { id: `resp_${this.call.place.requestId}`, object: "response", created_at: Math.floor(Date.now() / 1_000), incomplete_details: null, usage: null };
    return { ...last, model: this.call.model, output: this.reader.output.all(), ...state };
  }

  private numbered(events: readonly Fields[]): readonly Buffer[] {
    return events.map(({ type, ...rest }, at) => namedEvent({ type: String(type), sequence_number: this.reader.sequence + 1 + at, ...rest }));
  }
}
