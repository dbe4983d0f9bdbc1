import type { ReportedUsage } from "../../domain/clampUsage";
import { fieldsOf, type Fields } from "../../domain/jsonFields";
import { TextTally } from "./producedText";
import { ResponseOutput } from "./responseOutput";
import { NOTHING, parseObject, readUsage, type StreamEventReading, type StreamReader } from "./usageReader";

/** Follows a stream of responses. */
export class ResponsesReader implements StreamReader {
  usage: ReportedUsage = {};
  done = false;
  readonly produced = new TextTally();
  readonly output = new ResponseOutput();
  /** The response as it was last told whole. */
  response?: Fields;
  /** Of the last event; -1 before the first. */
  sequence = -1;

  /** Nothing but its own end says that a response is whole. */
  get finished(): boolean {
    return this.done;
  }

  event(data: string | undefined): StreamEventReading {
    const json = data === undefined ? undefined : parseObject(data);
    if (json === undefined) return NOTHING;
    const before = this.produced.characters;
    const { type } = json;
    if (typeof json["sequence_number"] === "number") this.sequence = json["sequence_number"];
    const response = fieldsOf(json["response"]);
    if (response) {
      this.response = response;
      this.usage = { ...this.usage, ...readUsage("responses", response["usage"]) };
    }
    // The pieces of a recording are no text.
    if (typeof type === "string" && type.endsWith(".delta") && type !== "response.audio.delta") this.produced.addTextPiece(json["delta"]);
    this.output.take(json);
    this.done ||= type === "response.completed" || type === "response.incomplete";
    const failed = type === "response.failed" || type === "error" || (json["error"] !== undefined && json["error"] !== null);
    return { json, done: this.done, isUsageOnly: false, hasText: this.produced.characters > before, ...(failed ? { error: json["error"] ?? response?.["error"] ?? json } : {}) };
  }
}
