import { fieldsOf, listOf, type Fields } from "../../domain/jsonFields";
import { TokenEstimate } from "../tokenizer/estimateTokens";
import { GrowingText } from "./growingText";

/** As much of an answer's text as is kept to count its tokens by; the rest is taken to be like it. */
const SAMPLE_CHARACTERS = 16_384;
/** Most servers send a token in each event; where the text could well be that many tokens, they are believed to. */
const PLAUSIBLE_FROM = 0.5;
const PLAUSIBLE_TO = 1.6;

/** How much text an answer holds: all that a model wrote, visible or not (docs/rules.md C2). */
export interface ProducedText {
  readonly characters: number;
  /** Stream events that held text of a choice. */
  readonly pieces: number;
  /** The beginning of the text, at most 16 kB: to count by, never logged, never kept beyond the call. */
  readonly sample: string;
  /** Tokens so far, estimated: cheap enough to be asked for after every event. Charge by `countProduced` of the tokenizer. */
  readonly roughTokens: number;
}

/** Adds up the text of the choices that it is shown. */
export class TextTally implements ProducedText {
  characters = 0;
  pieces = 0;
  private readonly beginning = new GrowingText();
  private readonly estimate = new TokenEstimate();
  /** The last text, not estimated yet: of an answer in one text nobody asks. */
  private fresh = "";

  get sample(): string {
    return this.beginning.toString();
  }

  get roughTokens(): number {
    this.estimateNext("");
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
    this.addText(choice["text"]);
    const message = fieldsOf(choice["delta"]) ?? fieldsOf(choice["message"]);
    if (message === undefined) return;
    const content = message["content"];
    if (typeof content === "string") this.addText(content);
    else for (const part of listOf(content)) this.addText(fieldsOf(part)?.["text"]);
    const reasoning = message["reasoning_content"];
    this.addText(reasoning);
    // Some servers give the same reasoning under both of its names.
    if (message["reasoning"] !== reasoning) this.addText(message["reasoning"]);
    this.addText(message["refusal"]);
    this.call(message["function_call"]);
    for (const tool of listOf(message["tool_calls"])) this.call(fieldsOf(tool)?.["function"]);
  }

  /** Takes a piece of text that is no choice, of a stream. */
  addTextPiece(value: unknown): void {
    const before = this.characters;
    this.addText(value);
    if (this.characters > before) this.pieces += 1;
  }

  /** Takes a piece of text of a whole answer. */
  addText(value: unknown): void {
    if (typeof value !== "string" || value === "") return;
    this.characters += value.length;
    this.estimateNext(value);
    const room = SAMPLE_CHARACTERS - this.beginning.length;
    if (room > 0) this.beginning.add(value.length > room ? value.slice(0, room) : value);
  }

  /** Estimates the text that waits; this one waits now. */
  private estimateNext(text: string): void {
    this.estimate.add(this.fresh);
    this.fresh = text;
  }

  private call(value: unknown): void {
    const called = fieldsOf(value);
    this.addText(called?.["name"]);
    this.addText(called?.["arguments"]);
  }
}

/** Takes one item of the `output` of a response: a message, reasoning, what is asked of a tool. */
export function addOutputItem(tally: TextTally, value: unknown): void {
  const item = fieldsOf(value);
  if (item === undefined) return;
  for (const list of [item["content"], item["summary"]]) {
    for (const part of listOf(list)) {
      const fields = fieldsOf(part);
      tally.addText(fields?.["text"]);
      tally.addText(fields?.["refusal"]);
    }
  }
  for (const name of ["name", "arguments", "input"]) tally.addText(item[name]);
}

/** Takes one block of the `content` of a message of Anthropic's kind. */
export function addContentBlock(tally: TextTally, value: unknown): void {
  const block = fieldsOf(value);
  if (block === undefined) return;
  for (const name of ["text", "thinking", "name"]) tally.addText(block[name]);
  if (block["input"] !== undefined) tally.addText(JSON.stringify(block["input"]));
}
