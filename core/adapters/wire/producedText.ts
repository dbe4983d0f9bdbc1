import { fieldsOf, listOf, type Fields } from "../../domain/jsonFields";
import { TokenEstimate } from "../tokenizer/estimateTokens";

/** As much of an answer's text as is kept to count its tokens by; the rest is taken to be like it. */
const SAMPLE_CHARACTERS = 32_768;
/** Most servers send a token in each event; where the text could well be that many tokens, they are believed to. */
const PLAUSIBLE_FROM = 0.5;
const PLAUSIBLE_TO = 1.6;

/** How much text an answer holds: all that a model wrote, visible or not (docs/rules.md C2). */
export interface ProducedText {
  readonly characters: number;
  /** Stream events that held text of a choice. */
  readonly pieces: number;
  /** The beginning of the text, at most 32 kB: to count by, never logged, never kept beyond the call. */
  readonly sample: string;
  /** Tokens so far, estimated: cheap enough to be asked for after every event. Charge by `countProduced` of the tokenizer. */
  readonly roughTokens: number;
}

/** Adds up the text of the choices that it is shown. */
export class TextTally implements ProducedText {
  characters = 0;
  pieces = 0;
  sample = "";
  private readonly estimate = new TokenEstimate();

  get roughTokens(): number {
    const { tokens } = this.estimate;
    return this.pieces >= tokens * PLAUSIBLE_FROM && this.pieces <= tokens * PLAUSIBLE_TO ? this.pieces : tokens;
  }

  /** Takes one choice of a stream event. */
  addPiece(choice: Fields): void {
    const before = this.characters;
    this.add(choice);
    if (this.characters > before) this.pieces += 1;
  }

  /** Takes one choice of a whole answer: a chat message, or the text of a completion. */
  add(choice: Fields): void {
    this.text(choice["text"]);
    const message = fieldsOf(choice["delta"]) ?? fieldsOf(choice["message"]);
    if (message === undefined) return;
    const content = message["content"];
    if (typeof content === "string") this.text(content);
    else for (const part of listOf(content)) this.text(fieldsOf(part)?.["text"]);
    const reasoning = message["reasoning_content"];
    this.text(reasoning);
    // Some servers give the same reasoning under both of its names.
    if (message["reasoning"] !== reasoning) this.text(message["reasoning"]);
    this.text(message["refusal"]);
    this.call(message["function_call"]);
    for (const tool of listOf(message["tool_calls"])) this.call(fieldsOf(tool)?.["function"]);
  }

  private text(value: unknown): void {
    if (typeof value !== "string" || value === "") return;
    this.characters += value.length;
    this.estimate.add(value);
    const room = SAMPLE_CHARACTERS - this.sample.length;
    if (room > 0) this.sample += value.length > room ? value.slice(0, room) : value;
  }

  private call(value: unknown): void {
    const called = fieldsOf(value);
    this.text(called?.["name"]);
    this.text(called?.["arguments"]);
  }
}
