import { makeChoice } from "./demoChoice";
import { readDemoFault, type DemoFault } from "./demoFault";
import { isPositive, misbehaves, nameOf, type DemoBody, type DemoHandler } from "./demoHandler";
import { streamNamed } from "./demoNamedStream";
import { readChatPrompt, textOf, type DemoPrompt } from "./demoPrompt";
import { replyError, replyJson } from "./demoReply";
import { countDemoTokens } from "./demoTokens";

let made = 0;

/** Anthropic keeps what a chat has as its first message beside the others. */
function readPrompt(body: DemoBody): DemoPrompt | undefined {
  const prompt = readChatPrompt(body);
  return prompt && { ...prompt, tokens: prompt.tokens + countDemoTokens(textOf(body.system)) };
}

function usageOf(fault: DemoFault, input: number, output: number): object {
  const counts = { input_tokens: fault.input ?? input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: fault.output ?? output };
  return fault.noUsage ? {} : { usage: counts };
}

/** `POST /messages`, streamed or not. */
export const answerMessages: DemoHandler = ({ paceMs }, response, body, header) => {
  const prompt = readPrompt(body);
  if (prompt === undefined) return replyError(response, 400, "messages: must be a list of messages.", "messages");
  const limit = body.max_tokens;
  if (!isPositive(limit)) return replyError(response, 400, "max_tokens: must be a positive whole number.", "max_tokens");
  const fault = readDemoFault(header, prompt.question);
  if (misbehaves(response, fault)) return;
  const { text, tokens, finish } = makeChoice(prompt, body.stop_sequences, fault, limit);
  made += 1;
  const message = { id: `msg_demo_${made}`, type: "message", role: "assistant", model: nameOf(body), content: [] as object[], stop_sequence: null };
  const stop_reason = finish === "length" ? "max_tokens" : "end_turn";
  if (body.stream !== true) {
    return replyJson(response, 200, { ...message, content: [{ type: "text", text }], stop_reason, ...usageOf(fault, prompt.tokens, tokens) });
  }
  return streamNamed(response, {
    text,
    before: [
      { type: "message_start", message: { ...message, stop_reason: null, ...usageOf(fault, prompt.tokens, 1) } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "ping" },
    ],
    word: (word) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word } }),
    after: () => [
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason, stop_sequence: null }, ...(fault.noUsage ? {} : { usage: { output_tokens: fault.output ?? tokens } }) },
      { type: "message_stop" },
    ],
  }, { fault, paceMs: fault.paceMs ?? paceMs });
};

/** `POST /messages/count_tokens`. */
export const answerCountTokens: DemoHandler = (_state, response, body, header) => {
  const prompt = readPrompt(body);
  if (prompt === undefined) return replyError(response, 400, "messages: must be a list of messages.", "messages");
  const fault = readDemoFault(header, prompt.question);
  if (!misbehaves(response, fault)) replyJson(response, 200, { input_tokens: fault.input ?? prompt.tokens });
};
