import type { SeededRandom } from "../../scripts/demo/seededRandom";
import { answerNumber, answerText, REFUSED_MARK } from "./soakAnswer";
import { MODELS } from "./soakConfig";
import type { CallAnswer, CallRequest } from "./soakCall";

/** What a call's answer turned out to be. */
export type Verdict =
  /** 200, and the whole answer is this call's own. */
  | "whole"
  /** Broke after its first byte and says so in an error event. */
  | "broken"
  /** Its caller left. */
  | "left"
  /** Refused as it had to be. */
  | "refused"
  /** Anything else: what must not happen. */
  | "lost";

export interface Keys {
  /** Of owners with coins. */
  readonly good: readonly string[];
  readonly poor: string;
}

/** One call to make, and how its answer is judged. */
export interface PlannedCall {
  readonly kind: string;
  readonly request: Omit<CallRequest, "url">;
  judge(answer: CallAnswer): Verdict;
}

interface Event {
  readonly choices?: readonly { readonly delta?: { readonly content?: string }; readonly text?: string; readonly finish_reason?: string | null }[];
  readonly delta?: { readonly text?: string };
  readonly type?: string;
  readonly error?: object;
}

/** The mixture, in parts of the whole. */
const MIXTURE: readonly (readonly [kind: string, parts: number])[] = [
  ["chat", 28], ["chat stream", 22], ["message", 4], ["message stream", 5], ["response", 3], ["completion", 5], ["completion stream", 5], ["embedding", 10],
  ["leaving", 8], ["slow reader", 2], ["bad key", 2], ["unknown model", 2], ["broken body", 2], ["upstream's 400", 1], ["poor", 1],
];
const PARTS = MIXTURE.reduce((sum, [, parts]) => sum + parts, 0);

/** The call number `index`, by the seed alone. */
export function planCall(random: SeededRandom, keys: Keys, index: number): PlannedCall {
  let at = random.whole(1, PARTS);
  const kind = MIXTURE.find(([, parts]) => (at -= parts) <= 0)?.[0] ?? "chat";
  const mark = `call ${index} ${random.whole(0, 1e9).toString(36)}`;
  const model = random.pick(MODELS);
  const key = random.pick(keys.good);
  const chat = (content: string, stream: boolean, more: object = {}) =>
    ({ path: "/v1/chat/completions", key, body: JSON.stringify({ model, messages: [{ role: "user", content }], stream, ...more }) });
  const message = (stream: boolean) => ({ path: "/v1/messages", key, body: JSON.stringify({ model, max_tokens: 500, messages: [{ role: "user", content: mark }], stream }) });
  const refused = (request: Omit<CallRequest, "url">, status: number): PlannedCall =>
    ({ kind, request, judge: (answer) => (answer.status === status && isJsonError(answer.text) && !answer.cutOff ? "refused" : "lost") });

  switch (kind) {
    case "chat stream":
      return { kind, request: chat(mark, true, random.next() < 0.5 ? { stream_options: { include_usage: true } } : {}), judge: (answer) => judgeStream(answer, mark) };
    case "slow reader":
      return { kind, request: { ...chat(mark, true), pauseMs: random.whole(50, 400) }, judge: (answer) => judgeStream(answer, mark) };
    case "completion":
      return { kind, request: { path: "/v1/completions", key, body: JSON.stringify({ model, prompt: mark }) }, judge: (answer) => judgeJson(answer, ({ choices }) => choices?.[0]?.text === answerText(mark)) };
    case "completion stream":
      return { kind, request: { path: "/v1/completions", key, body: JSON.stringify({ model, prompt: mark, stream: true }) }, judge: (answer) => judgeStream(answer, mark) };
    case "message":
      return { kind, request: message(false), judge: (answer) => judgeJson(answer, ({ content }) => content?.[0]?.text === answerText(mark)) };
    case "message stream":
      return { kind, request: message(true), judge: (answer) => judgeMessageStream(answer, mark) };
    case "response":
      return { kind, request: { path: "/v1/responses", key, body: JSON.stringify({ model, input: mark, store: false }) }, judge: (answer) => judgeJson(answer, ({ output }) => output?.[0]?.content[0]?.text === answerText(mark)) };
    case "embedding":
      return { kind, request: { path: "/v1/embeddings", key, body: JSON.stringify({ model, input: mark }) }, judge: (answer) => judgeJson(answer, ({ data }) => data?.[0]?.embedding[0] === answerNumber(mark)) };
    case "leaving":
      return { kind, request: { ...chat(mark, random.next() < 0.7), leaveAfterMs: random.whole(0, 400) }, judge: (answer) => judgeLeft(answer, mark) };
    case "bad key":
      return refused({ ...chat(mark, false), key: "sk_not-a-key" }, 401);
    case "unknown model":
      return refused({ ...chat(mark, true), body: JSON.stringify({ model: "soak-none", messages: [] }) }, 404);
    case "broken body":
      return refused({ ...chat(mark, true), body: "{\"model\": " }, 400);
    case "upstream's 400":
      return refused(chat(`${mark} ${REFUSED_MARK}`, random.next() < 0.5), 400);
    case "poor":
      return { kind, request: { ...chat(mark, false), key: keys.poor }, judge: (answer) => (answer.status === 429 && isJsonError(answer.text) ? "refused" : judgeChat(answer, mark)) };
    default:
      return { kind, request: chat(mark, false), judge: (answer) => judgeChat(answer, mark) };
  }
}

interface JsonAnswer {
  readonly choices?: readonly { readonly message?: { readonly content: string }; readonly text?: string }[];
  readonly data?: readonly { readonly embedding: readonly number[] }[];
  readonly content?: readonly { readonly text: string }[];
  readonly output?: readonly { readonly content: readonly { readonly text: string }[] }[];
}

function judgeJson(answer: CallAnswer, isOwn: (body: JsonAnswer) => boolean): Verdict {
  const body = parsed(answer.text) as JsonAnswer | undefined;
  return answer.status === 200 && !answer.cutOff && body !== undefined && isOwn(body) ? "whole" : "lost";
}

function judgeChat(answer: CallAnswer, mark: string): Verdict {
  return judgeJson(answer, ({ choices }) => choices?.[0]?.message?.content === answerText(mark));
}

const eventsOf = (text: string) =>
  text.split("\n\n").map((event) => parsed(/^data: (.*)$/m.exec(event)?.[1] ?? "") as Event | undefined).filter((event) => event !== undefined);

/** As below, in Anthropic's protocol: it ends with `message_stop`, or with an event `error`. */
function judgeMessageStream(answer: CallAnswer, mark: string): Verdict {
  if (answer.status !== 200 || answer.cutOff) return "lost";
  const events = eventsOf(answer.text);
  const text = events.map((event) => event.delta?.text ?? "").join("");
  const last = events.at(-1);
  if (last?.type === "error") return text !== "" && answerText(mark).startsWith(text) ? "broken" : "lost";
  return text === answerText(mark) && last?.type === "message_stop" ? "whole" : "lost";
}

/** Whole, or what came is the beginning of the own answer, followed by an error event and `[DONE]`. */
function judgeStream(answer: CallAnswer, mark: string): Verdict {
  if (answer.status !== 200 || answer.cutOff || !answer.text.endsWith("data: [DONE]\n\n")) return "lost";
  const events = eventsOf(answer.text);
  const text = events.map(({ choices }) => choices?.[0]?.delta?.content ?? choices?.[0]?.text ?? "").join("");
  if (events.at(-1)?.error !== undefined) return text !== "" && answerText(mark).startsWith(text) ? "broken" : "lost";
  return text === answerText(mark) && events.some(({ choices }) => choices?.[0]?.finish_reason === "stop") ? "whole" : "lost";
}

/** Whoever left has nothing to claim; who got the end first has it whole. */
function judgeLeft(answer: CallAnswer, mark: string): Verdict {
  if (answer.cutOff) return "left";
  return /event-stream/.test(answer.contentType) ? judgeStream(answer, mark) : judgeChat(answer, mark);
}

function isJsonError(text: string): boolean {
  const body = parsed(text) as { error?: { code?: unknown; message?: unknown } } | undefined;
  return typeof body?.error?.message === "string";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
