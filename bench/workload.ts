/** Public names; what the model server calls the first is another name, so that both ways are renamed, as in daily life. */
export const MODEL = "bench-chat";
export const DENIED_MODEL = "bench-denied";
export const UNCONSENTED_MODEL = "bench-unconsented";
export const UPSTREAM_MODEL = "upstream/bench-chat-8b";

export const CHAT_PATH = "/v1/chat/completions";

/** A small chat without an output limit: the most common call, for which Lumen has to put its own limit into the body. */
export function chatBody(model: string = MODEL): string {
  return JSON.stringify({
    model,
    messages: [
      { role: "system", content: "You are a helpful assistant. Answer in one short sentence." },
      { role: "user", content: "Which river flows through the city of Prague, and into which sea does its water go?" },
    ],
    temperature: 0.7,
  });
}

/** How a streamed answer comes; it stands in the prompt, where every server passes it on. */
export interface StreamPlan {
  readonly events: number;
  /** Between two events of one stream; 0 = all of them at once. */
  readonly everyMs: number;
  /** Characters of text in each event, at least those of the mark. */
  readonly size: number;
}

/** A streamed chat of `events` events. */
export function streamBody({ events, everyMs, size }: StreamPlan, model: string = MODEL): string {
  return JSON.stringify({ model, stream: true, messages: [{ role: "user", content: `events=${events} every=${everyMs} size=${size}` }] });
}

/** The plan in a call's body, where there is one. */
export function planIn(body: Buffer): StreamPlan | undefined {
  const at = body.indexOf("events=");
  const found = at < 0 ? null : /^events=(\d+) every=([\d.]+) size=(\d+)/.exec(body.toString("latin1", at, at + 64));
  return found ? { events: Number(found[1]), everyMs: Number(found[2]), size: Number(found[3]) } : undefined;
}

/** Stands before the moment at which an event was sent. Both are in its text, where events of one stream differ in daily life, and in letters, because those are few tokens. */
export const SENT_MARK = "sentat";
const LETTERS = 10;
const A = 97;

/** µs of the clock that all processes of a machine share. */
export function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** The mark with this moment, and letters up to `size`. */
export function markedText(size: number): string {
  let moment = "";
  for (let left = nowMicros(), i = 0; i < LETTERS; i++, left = Math.floor(left / 26)) moment += String.fromCharCode(A + (left % 26));
  return `${SENT_MARK}${moment}`.padEnd(size, "w");
}

/** The moment behind the mark, in µs; undefined where the bytes end within it. */
export function momentAt(bytes: Buffer, at: number): number | undefined {
  if (at + LETTERS > bytes.length) return undefined;
  let micros = 0;
  for (let i = LETTERS - 1; i >= 0; i--) micros = micros * 26 + bytes[at + i]! - A;
  return micros;
}

/** What the dummy upstream answers at once to every other POST. */
export const ANSWER = JSON.stringify({
  id: "chatcmpl-bench-0000000000000000",
  object: "chat.completion",
  created: 1_760_000_000,
  model: UPSTREAM_MODEL,
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "The Vltava flows through Prague; by way of the Elbe its water reaches the North Sea." },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 41, completion_tokens: 23, total_tokens: 64 },
});

/** To every GET: the list of models, which health probes ask for. */
export const MODEL_LIST = JSON.stringify({ object: "list", data: [{ id: UPSTREAM_MODEL, object: "model" }] });

/** One request as the bytes that are sent again and again. */
export function requestBytes(url: string, headers: Readonly<Record<string, string>>, body: string = chatBody()): string {
  const { host } = new URL(url);
  const sent: Record<string, string> = {
    host,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    accept: "application/json",
    "user-agent": "lumen-bench/1",
    ...headers,
  };
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}`);
  return `POST ${CHAT_PATH} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}
