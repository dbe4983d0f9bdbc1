import type { ReceivedRequest } from "./fakeUpstreamRequest";
import type { Responder } from "./fakeUpstreamResponder";

/** What happens to one request. It may take its time, and it may leave the request hanging. */
export type Handler = (request: ReceivedRequest, respond: Responder) => void | Promise<void>;

export interface ChatAnswer {
  readonly text?: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** Extra members of the usage object. */
  readonly usage?: object;
  /** False: no usage at all, like old servers. */
  readonly reportsUsage?: boolean;
  /** The names under `GET /models`. */
  readonly models?: readonly string[];
}

const BASE = { id: "chatcmpl-fake", created: 1_700_000_000, model: "fake-model" };

/**
 * A well-behaved server: chat (streamed a word at a time, and not), completions, embeddings, models. It is what a fake upstream does
 * unless told otherwise.
 */
export function answerWell(answer: ChatAnswer = {}): Handler {
  const { text = "Hello from the fake upstream", promptTokens = 10, completionTokens = 5, reportsUsage = true } = answer;
  const counts = { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
  const usage = reportsUsage ? { usage: { ...counts, ...answer.usage } } : {};
  return async (request, respond) => {
    const path = request.path.replace(/\?.*$/, "");
    if (path.endsWith("/models")) {
      const data = (answer.models ?? [BASE.model]).map((id) => ({ id, object: "model", created: 0, owned_by: "fake" }));
      return respond.json(200, { object: "list", data });
    }
    const body = request.json();
    if (path.endsWith("/embeddings")) {
      const data = [{ object: "embedding", index: 0, embedding: [1, 0] }];
      return respond.json(200, { object: "list", data, model: BASE.model, ...usage });
    }
    const isChat = path.endsWith("/chat/completions");
    if (!isChat && !path.endsWith("/completions")) return respond.json(404, { error: { message: "Not here." } });
    if (body["stream"] === true) return streamWell(respond, { text, usage, body, isChat });
    const choice = isChat ? { message: { role: "assistant", content: text } } : { text };
    const object = isChat ? "chat.completion" : "text_completion";
    return respond.json(200, { ...BASE, object, choices: [{ index: 0, ...choice, logprobs: null, finish_reason: "stop" }], ...usage });
  };
}

interface StreamedAnswer {
  readonly text: string;
  readonly usage: object;
  readonly body: Record<string, unknown>;
  readonly isChat: boolean;
}

async function streamWell(respond: Responder, { text, usage, body, isChat }: StreamedAnswer): Promise<void> {
  const base = { ...BASE, object: isChat ? "chat.completion.chunk" : "text_completion" };
  const choice = (piece: string, finish: string | null) => ({
    index: 0, ...(isChat ? { delta: piece === "" ? {} : { content: piece } } : { text: piece }), logprobs: null, finish_reason: finish,
  });
  await respond.stream();
  for (const piece of text.split(/(?= )/)) await respond.event({ ...base, choices: [choice(piece, null)] });
  await respond.event({ ...base, choices: [choice("", "stop")] });
  const options = body["stream_options"] as { include_usage?: unknown } | null | undefined;
  if (options?.include_usage === true && Object.keys(usage).length > 0) await respond.event({ ...base, choices: [], ...usage });
  await respond.done();
}

/** A promise that the test opens: `await gate.opened` inside a handler, `gate.open()` outside. */
export function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}
