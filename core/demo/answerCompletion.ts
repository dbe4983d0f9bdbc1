import type { ServerResponse } from "node:http";
import { makeChoice } from "./demoChoice";
import { demoUsage, type DemoCompletion, type DemoKind } from "./demoCompletion";
import type { DemoFault } from "./demoFault";
import { isPositive, nameOf } from "./demoHandler";
import type { DemoPrompt } from "./demoPrompt";
import { cutOff, replyError, replyJson } from "./demoReply";
import { streamCompletion } from "./demoStream";

const MOST_CHOICES = 128;
let made = 0;

function wholeAnswer(completion: DemoCompletion): Record<string, unknown> {
  const { kind, id, created, model, choices, fault } = completion;
  const output = choices.reduce((sum, { tokens }) => sum + tokens, 0);
  return {
    id,
    object: kind === "chat" ? "chat.completion" : "text_completion",
    created,
    model,
    choices: choices.map(({ text, finish }, index) =>
      kind === "chat"
        ? { index, message: { role: "assistant", content: text, refusal: null }, logprobs: null, finish_reason: finish }
        : { index, text, logprobs: null, finish_reason: finish }),
    ...(fault.noUsage ? {} : { usage: demoUsage(completion, output) }),
    system_fingerprint: "fp_demo",
  };
}

/** Answers a chat or completion call from its parsed body. */
export function answerCompletion(
  response: ServerResponse,
  call: { kind: DemoKind; body: Record<string, unknown>; prompts: readonly DemoPrompt[]; fault: DemoFault; paceMs: number },
): void {
  const { kind, body, prompts, fault } = call;
  const n = body.n ?? 1;
  if (!isPositive(n) || n * prompts.length > MOST_CHOICES) {
    return replyError(response, 400, `'n' must be a whole number from 1 to ${MOST_CHOICES}.`, "n");
  }
  const limit = body.max_completion_tokens ?? body.max_tokens ?? Infinity;
  if (limit !== Infinity && !isPositive(limit)) {
    return replyError(response, 400, "'max_tokens' must be a positive whole number.", "max_tokens");
  }
  made += 1;
  const completion: DemoCompletion = {
    kind,
    id: `${kind === "chat" ? "chatcmpl" : "cmpl"}-demo-${made}`,
    created: Math.floor(Date.now() / 1000),
    model: nameOf(body),
    inputTokens: prompts.reduce((sum, { tokens }) => sum + tokens, 0),
    choices: prompts.flatMap((prompt) => {
      const choice = makeChoice(prompt, body.stop, fault, limit);
      return Array.from({ length: n }, () => choice);
    }),
    fault,
  };
  if (body.stream === true) {
    streamCompletion(response, completion, { options: body.stream_options, paceMs: fault.paceMs ?? call.paceMs });
  } else if (fault.cut !== undefined) {
    cutWhole(response, wholeAnswer(completion));
  } else {
    replyJson(response, 200, wholeAnswer(completion));
  }
}

function cutWhole(response: ServerResponse, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
  response.write(bytes.subarray(0, bytes.length >> 1));
  cutOff(response);
}
