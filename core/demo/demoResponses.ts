import { makeChoice } from "./demoChoice";
import type { DemoChoice } from "./demoCompletion";
import { readDemoFault, type DemoFault } from "./demoFault";
import { isPositive, misbehaves, nameOf, type DemoBody, type DemoHandler } from "./demoHandler";
import { streamNamed } from "./demoNamedStream";
import { readChatPrompt, textOf, type DemoPrompt } from "./demoPrompt";
import { replyError, replyJson } from "./demoReply";
import { countDemoTokens } from "./demoTokens";

let made = 0;

/** `input` is one text, or messages among other items. */
function readPrompt({ input, instructions, tools }: DemoBody): DemoPrompt | undefined {
  const messages = typeof input === "string" ? [{ role: "user", content: input }] : input;
  const prompt = readChatPrompt({ messages, tools });
  return prompt && { ...prompt, tokens: prompt.tokens + countDemoTokens(textOf(instructions)) };
}

/** The response of one call, in each of its states. */
class DemoResponse {
  private readonly id = ++made;
  private readonly createdAt = Math.floor(Date.now() / 1_000);

  constructor(private readonly body: DemoBody, private readonly inputTokens: number, readonly choice: DemoChoice, private readonly fault: DemoFault) {}

  get status(): "completed" | "incomplete" {
    return this.choice.finish === "length" ? "incomplete" : "completed";
  }

  get itemId(): string {
    return `msg_demo_${this.id}`;
  }

  item(status: string, content: readonly object[]): object {
    return { id: this.itemId, type: "message", status, role: "assistant", content };
  }

  part(text: string): object {
    return { type: "output_text", text, annotations: [], logprobs: [] };
  }

  get wholeItem(): object {
    return this.item(this.status, [this.part(this.choice.text)]);
  }

  begun(): object {
    return { ...this.head("in_progress"), output: [], usage: null };
  }

  ended(): object {
    const input = this.fault.input ?? this.inputTokens;
    const output = this.fault.output ?? this.choice.tokens;
    const usage = {
      input_tokens: input, input_tokens_details: { cached_tokens: 0 }, output_tokens: output, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: input + output,
    };
    const reason = this.status === "incomplete" ? { incomplete_details: { reason: "max_output_tokens" } } : {};
    return { ...this.head(this.status), ...reason, output: [this.wholeItem], usage: this.fault.noUsage ? null : usage };
  }

  private head(status: string): object {
    const { instructions, max_output_tokens, tools, tool_choice, temperature, metadata } = this.body;
    return {
      id: `resp_demo_${this.id}`, object: "response", created_at: this.createdAt, status, background: false, error: null, incomplete_details: null,
      instructions: instructions ?? null, max_output_tokens: max_output_tokens ?? null, model: nameOf(this.body), parallel_tool_calls: true, previous_response_id: null,
      store: false, temperature: temperature ?? 1, text: { format: { type: "text" } }, tool_choice: tool_choice ?? "auto", tools: tools ?? [], top_p: 1,
      truncation: "disabled", metadata: metadata ?? {},
    };
  }
}

/** `POST /responses`, streamed or not. */
export const answerResponses: DemoHandler = ({ paceMs }, response, body, header) => {
  const prompt = readPrompt(body);
  if (prompt === undefined) return replyError(response, 400, "'input' must be a text or a list of items.", "input");
  const limit = body.max_output_tokens ?? Infinity;
  if (limit !== Infinity && !isPositive(limit)) return replyError(response, 400, "'max_output_tokens' must be a positive whole number.", "max_output_tokens");
  const fault = readDemoFault(header, prompt.question);
  if (misbehaves(response, fault)) return;
  const made = new DemoResponse(body, prompt.tokens, makeChoice(prompt, undefined, fault, limit), fault);
  if (body.stream !== true) return replyJson(response, 200, made.ended());
  let number = 0;
  const numbered = (type: string, more: object) => ({ type, sequence_number: number++, ...more });
  const place = { item_id: made.itemId, output_index: 0, content_index: 0 };
  return streamNamed(response, {
    text: made.choice.text,
    before: [
      numbered("response.created", { response: made.begun() }),
      numbered("response.in_progress", { response: made.begun() }),
      numbered("response.output_item.added", { output_index: 0, item: made.item("in_progress", []) }),
      numbered("response.content_part.added", { ...place, part: made.part("") }),
    ],
    word: (delta) => numbered("response.output_text.delta", { ...place, delta, logprobs: [] }),
    after: () => [
      numbered("response.output_text.done", { ...place, text: made.choice.text, logprobs: [] }),
      numbered("response.content_part.done", { ...place, part: made.part(made.choice.text) }),
      numbered("response.output_item.done", { output_index: 0, item: made.wholeItem }),
      numbered(`response.${made.status}`, { response: made.ended() }),
    ],
  }, { fault, paceMs: fault.paceMs ?? paceMs });
};
