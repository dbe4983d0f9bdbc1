import type { ServerResponse } from "node:http";
import { demoUsage, type DemoCompletion } from "./demoCompletion";
import { cutOff } from "./demoReply";
import { countDemoTokens, demoWords } from "./demoTokens";
import { openStream, type StreamPen } from "./openStream";

interface StreamAsk {
  readonly options: unknown;
  readonly paceMs: number;
}

interface Step {
  readonly index: number;
  readonly delta: string;
  readonly finish?: string;
  readonly tokens: number;
}

/** The steps of all choices, word by word and side by side. */
function* steps(completion: DemoCompletion): Generator<Step> {
  const { kind, choices } = completion;
  const words = choices.map(({ text }) => demoWords(text));
  const longest = Math.max(...words.map((list) => list.length));
  const delta = (text: string) => (kind === "chat" ? `"delta":{"content":${JSON.stringify(text)}}` : `"text":${JSON.stringify(text)}`);
  if (kind === "chat") {
    for (const index of words.keys()) {
      yield { index, delta: '"delta":{"role":"assistant","content":"","refusal":null}', tokens: 0 };
    }
  }
  for (let at = 0; at < longest; at += 1) {
    for (const [index, list] of words.entries()) {
      const word = list[at];
      if (word !== undefined) yield { index, delta: delta(word), tokens: countDemoTokens(word) };
    }
  }
  if (completion.fault.noFinish) return;
  for (const [index, { finish }] of choices.entries()) {
    yield { index, delta: kind === "chat" ? '"delta":{}' : '"text":""', finish, tokens: 0 };
  }
}

function readOptions(options: unknown): { usage: boolean; continuous: boolean } {
  const asked = (typeof options === "object" && options !== null ? options : {}) as Record<string, unknown>;
  return { usage: asked.include_usage === true, continuous: asked.continuous_usage_stats === true };
}

async function run(response: ServerResponse, completion: DemoCompletion, ask: StreamAsk, { write, pause }: StreamPen): Promise<void> {
  const { kind, id, created, model, fault } = completion;
  const { usage: usageAsked, continuous } = readOptions(ask.options);
  const usage = usageAsked && !fault.noUsage;
  const object = kind === "chat" ? "chat.completion.chunk" : "text_completion";
  const head = `data: {"id":${JSON.stringify(id)},"object":"${object}","created":${created},` +
    `"model":${JSON.stringify(model)},"system_fingerprint":"fp_demo","choices":[`;
  let output = 0;
  let words = 0;
  for (const { index, delta, finish, tokens } of steps(completion)) {
    if (tokens > 0 && words === fault.cut) break;
    output += tokens;
    const tail = !usage ? "}" : `,"usage":${continuous ? JSON.stringify(demoUsage(completion, output)) : "null"}}`;
    const reason = finish === undefined ? "null" : `"${finish}"`;
    await write(`${head}{"index":${index},${delta},"logprobs":null,"finish_reason":${reason}}]${tail}\n\n`);
    if (tokens === 0) continue;
    words += 1;
    await pause(ask.paceMs);
  }
  if (fault.cut !== undefined) return cutOff(response);
  if (usage) await write(`${head}],"usage":${JSON.stringify(demoUsage(completion, output))}}\n\n`);
  response.end(fault.noDone ? undefined : "data: [DONE]\n\n");
}

/** Sends an answer as server-sent events, a word at a time, and stops at once when the caller leaves. */
export function streamCompletion(response: ServerResponse, completion: DemoCompletion, ask: StreamAsk): void {
  openStream(response, (pen) => run(response, completion, ask, pen));
}
