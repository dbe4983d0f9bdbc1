import type { ReportedUsage } from "../../domain/clampUsage";
import type { Fields } from "../../domain/jsonFields";
import type { MediaOperation } from "../../domain/ledgerEntry";
import { readMediaUsage } from "./mediaAnswer";
import { TextTally } from "./producedText";
import { NOTHING, parseObject, type StreamEventReading, type StreamReader } from "./usageReader";

/** Follows a stream about sound or pictures: transcripts, speech, images that are made or edited. */
export class MediaReader implements StreamReader {
  usage: ReportedUsage;
  finished = false;
  done = false;
  readonly produced = new TextTally();
  private images = 0;

  /** @param wantedImages how many pictures make the stream whole */
  constructor(private readonly operation: MediaOperation, private readonly wantedImages: number) {
    this.usage = operation === "images" ? { images: 0 } : {};
  }

  event(data: string | undefined): StreamEventReading {
    const json = data === undefined ? undefined : parseObject(data);
    if (json === undefined) return NOTHING;
    const before = this.produced.characters;
    this.read(json, String(json["type"]));
    const failed = json["type"] === "error" || (json["error"] !== undefined && json["error"] !== null);
    return { json, done: this.done, isUsageOnly: false, hasText: this.produced.characters > before, ...(failed ? { error: json["error"] ?? json } : {}) };
  }

  private read(json: Fields, type: string): void {
    if (type === "transcript.text.delta") this.produced.addTextPiece(json["delta"]);
    else if (type === "transcript.text.done") {
      if (this.produced.pieces === 0) this.produced.addTextPiece(json["text"]);
      this.end(json);
    } else if (type === "speech.audio.delta" || type.endsWith(".partial_image")) this.something();
    else if (type === "speech.audio.done") this.end(json);
    else if (type.endsWith(".completed")) {
      this.something();
      this.images += 1;
      this.usage = { ...this.usage, ...readMediaUsage(this.operation, json), images: this.images };
      this.finished = this.done = this.images >= this.wantedImages;
    }
  }

  /** Bytes that are no text, and are not counted as such. */
  private something(): void {
    this.produced.characters += 1;
    this.produced.pieces += 1;
  }

  private end(json: Fields): void {
    this.usage = { ...this.usage, ...readMediaUsage(this.operation, json) };
    this.finished = this.done = true;
  }
}
