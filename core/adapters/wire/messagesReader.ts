import type { ReportedUsage } from "../../domain/clampUsage";
import { fieldsOf, type Fields } from "../../domain/jsonFields";
import { TextTally } from "./producedText";
import { NOTHING, parseObject, readUsage, type StreamEventReading, type StreamReader } from "./usageReader";

/** Where a piece of text is in the `delta` of a content block. */
const PIECES = ["text", "thinking", "partial_json"] as const;

/** Follows a stream of Anthropic's messages. */
export class MessagesReader implements StreamReader {
  usage: ReportedUsage = {};
  finished = false;
  done = false;
  readonly produced = new TextTally();
  /** The content block that was begun and not ended. */
  openBlock?: number;
  /** As reported; the last value of each field (docs/rules.md C1). */
  private reported: Fields = {};

  event(data: string | undefined): StreamEventReading {
    const json = data === undefined ? undefined : parseObject(data);
    if (json === undefined) return NOTHING;
    const before = this.produced.characters;
    this.read(json);
    const failed = json["type"] === "error" || (json["error"] !== undefined && json["error"] !== null);
    return { json, done: this.done, isUsageOnly: false, hasText: this.produced.characters > before, ...(failed ? { error: json["error"] ?? json } : {}) };
  }

  private read(json: Fields): void {
    switch (json["type"]) {
      case "message_start": {
        // What is said of the output here was counted before it was written.
        const { output_tokens: _early, ...input } = fieldsOf(fieldsOf(json["message"])?.["usage"]) ?? {};
        return this.take(input);
      }
      case "content_block_start": {
        this.openBlock = typeof json["index"] === "number" ? json["index"] : 0;
        const block = fieldsOf(json["content_block"]);
        this.produced.addTextPiece(block?.["text"]);
        this.produced.addTextPiece(block?.["name"]);
        return;
      }
      case "content_block_delta": {
        const delta = fieldsOf(json["delta"]);
        for (const name of PIECES) this.produced.addTextPiece(delta?.[name]);
        return;
      }
      case "content_block_stop":
        this.openBlock = undefined;
        return;
      case "message_delta":
        if (typeof fieldsOf(json["delta"])?.["stop_reason"] === "string") this.finished = true;
        return this.take(fieldsOf(json["usage"]) ?? {});
      case "message_stop":
        this.finished = this.done = true;
    }
  }

  private take(usage: Fields): void {
    const given = Object.entries(usage).filter(([, value]) => value !== null && value !== undefined);
    this.reported = { ...this.reported, ...Object.fromEntries(given) };
    this.usage = readUsage("messages", this.reported);
  }
}
