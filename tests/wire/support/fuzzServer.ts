import type { Handler, Responder } from "../../support/fakeUpstream";

const TEXT = '{"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"é "},"finish_reason":null}]}';
const WHOLE = '{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}';

type Step = (respond: Responder, argument: number) => Promise<void> | void;

/** What a script's numbers mean: the number modulo the length of this list. Good steps come more than once. */
const STEPS: readonly Step[] = [
  (respond) => respond.event(TEXT), (respond) => respond.event(TEXT), (respond) => respond.event(TEXT), (respond) => respond.event(TEXT),
  (respond) => respond.finish(), (respond) => respond.finish(), (respond) => respond.usage(5, 7), (respond) => respond.usage(-1, 1e300),
  (respond) => respond.done(), (respond) => respond.done(), (respond) => respond.end(), (respond) => respond.cut(), (respond) => respond.reset(),
  (respond) => respond.body(Buffer.from(`data: ${TEXT}`).subarray(0, 120)), (respond) => respond.body("\r\r\n\n:\n\nid\n\n"), (respond) => respond.body(Buffer.from([0xff, 0xfe, 0x00, 0x0d])),
  (respond) => respond.event('{"error":{"message":"oom","code":7}}'), (respond) => respond.event('{"choices":"none","usage":[],"model":{}}'), (respond) => respond.event("[1,2"), (respond) => respond.event({ ...JSON.parse(TEXT) as object, model: "\u0000\r\n" }),
  (respond, argument) => respond.event(`{"choices":[],"x":"${"y".repeat(argument * 300)}"}`), (respond) => respond.raw("zz\r\n"), (respond) => respond.raw("ffffff\r\nshort"), () => undefined,
];

/** Answers as the caller's `x-script` says: first how the head is, then step by step; at the end of the script the connection closes, or hangs. */
export const scriptedServer: Handler = async (request, respond) => {
  const [kind = 0, ...script] = (request.headers["x-script"] ?? "0").split(",").map(Number);
  if (await answersOtherwise(kind, respond)) return;
  for (const number of script) {
    if (respond.isClosed) return;
    await STEPS[number % STEPS.length]?.(respond, number);
  }
  // The endpoints of the other models are patient for minutes.
  if (kind % 16 !== 15 || !request.body.includes('"model":"quick"')) respond.cut();
};

/** Most answers are streams; these are not. @returns whether that was all */
async function answersOtherwise(kind: number, respond: Responder): Promise<boolean> {
  const status = [400, 401, 402, 404, 413, 429, 500, 503, 504, 301, 418, 599][kind % 12] ?? 400;
  switch (kind % 16) {
    case 0: return respond.json(200, WHOLE).then(() => true);
    case 1: return respond.json(status, '{"error":{"message":"no","code":[1]}}').then(() => true);
    case 2: return respond.json(status, "<html>").then(() => true);
    case 3: return respond.raw(`HTTP/1.1 ${kind} \r\ncontent-length: -1\r\n\r\n`).then(() => false);
    case 4: return respond.gzip(kind % 2 === 0 ? 200 : 400, WHOLE).then(() => true);
    case 5: return respond.head(200, { "content-type": "application/json", "content-length": kind * 10 }).then(() => false);
    default: return respond.stream(kind % 16 === 6 ? { "content-encoding": "br" } : {}).then(() => false);
  }
}
