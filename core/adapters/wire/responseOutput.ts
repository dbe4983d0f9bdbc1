import { fieldsOf, type Fields } from "../../domain/jsonFields";
import { GrowingText } from "./growingText";

/** As much text as is kept; of what is longer the beginning. */
const MOST_CHARACTERS = 4 * 1_048_576;
const MOST_ITEMS = 4_096;

/** One item of `output`: as it was told, and the text that came since. */
interface OutputItem {
  item: Fields;
  isDone: boolean;
  /** By `content_index`. */
  readonly parts: Map<number, { readonly type: "output_text" | "refusal"; readonly text: GrowingText }>;
  readonly arguments: GrowingText;
}

/**
 * The `output` of a streamed response as far as it has come. Clients take a response from the event that ends it, and where the
 * gateway has to end it, that event must hold what was written (docs/rules.md H4).
 */
export class ResponseOutput {
  private readonly items = new Map<number, OutputItem>();
  private kept = 0;

  /** Takes the next event. */
  take(event: Fields): void {
    switch (event["type"]) {
      case "response.output_item.added":
      case "response.output_item.done":
        return this.setItem(event, event["type"] === "response.output_item.done");
      case "response.output_text.delta":
        return this.addText(event, "output_text");
      case "response.refusal.delta":
        return this.addText(event, "refusal");
      case "response.function_call_arguments.delta": {
        const item = this.items.get(indexOf(event, "output_index"));
        if (item) this.keep(item.arguments, event["delta"]);
      }
    }
  }

  /** The items: those that were ended as they were told, the others as incomplete, with what had come of them. */
  all(): readonly Fields[] {
    return [...this.items.values()].map((item) => (item.isDone ? item.item : incomplete(item)));
  }

  /** The events that end the texts that were begun. What is asked of a tool is not ended: half of it is nothing to call a tool with. */
  closingEvents(): readonly Fields[] {
    return [...this.items].flatMap(([output_index, item]) => (item.isDone || item.item["type"] !== "message" ? [] : closing(output_index, item)));
  }

  private setItem(event: Fields, isDone: boolean): void {
    const item = fieldsOf(event["item"]);
    if (item === undefined || this.items.size >= MOST_ITEMS) return;
    this.items.set(indexOf(event, "output_index"), { item, isDone, parts: new Map(), arguments: new GrowingText() });
  }

  private addText(event: Fields, type: "output_text" | "refusal"): void {
    const parts = this.items.get(indexOf(event, "output_index"))?.parts;
    if (!parts) return;
    const index = indexOf(event, "content_index");
    let part = parts.get(index);
    if (part === undefined && parts.size < MOST_ITEMS) parts.set(index, (part = { type, text: new GrowingText() }));
    if (part) this.keep(part.text, event["delta"]);
  }

  /** As much of a piece as there is room for. */
  private keep(text: GrowingText, value: unknown): void {
    if (typeof value !== "string") return;
    const piece = value.slice(0, MOST_CHARACTERS - this.kept);
    this.kept += piece.length;
    text.add(piece);
  }
}

function indexOf(event: Fields, name: string): number {
  const index = event[name];
  return typeof index === "number" ? index : 0;
}

function contentOf({ parts }: OutputItem): readonly Fields[] {
  return [...parts.values()].map(({ type, text }) => (type === "refusal" ? { type, refusal: text.toString() } : { type, text: text.toString(), annotations: [], logprobs: [] }));
}

function incomplete(item: OutputItem): Fields {
  const half = { ...item.item, status: "incomplete" };
  if (item.item["type"] === "message") return { ...half, content: contentOf(item) };
  return item.arguments.length === 0 ? half : { ...half, arguments: item.arguments.toString() };
}

function closing(output_index: number, item: OutputItem): readonly Fields[] {
  const content = contentOf(item);
  const item_id = item.item["id"];
  const ended = [...item.parts].flatMap(([content_index, { type, text }], at): Fields[] => {
    const place = { item_id, output_index, content_index };
    const done = type === "refusal" ? { type: "response.refusal.done", refusal: text.toString() } : { type: "response.output_text.done", text: text.toString(), logprobs: [] };
    return [{ ...done, ...place }, { type: "response.content_part.done", ...place, part: content[at] }];
  });
  return [...ended, { type: "response.output_item.done", output_index, item: incomplete(item) }];
}
