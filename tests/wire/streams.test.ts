import { expect } from "chai";
import { createGate, type Handler } from "../support/fakeUpstream";
import { runRows, type WireTable } from "./support/rows";
import { CHAT, errorOf, STREAM, wireBench } from "./support/wireBench";

const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = "data: [DONE]\n\n";
const END = FINISH + DONE;

/** A stream of exactly these bytes, each piece in a chunk of its own. */
const sends = (...pieces: readonly (string | Buffer)[]): Handler => async (_request, respond) => {
  await respond.stream();
  for (const piece of pieces) {
    await respond.body(piece);
    // So that the next piece is another read of the gateway's.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await respond.end();
};

const free = { body: { ...STREAM, model: "free" } };
const named = { body: { ...STREAM, model: "org/named:7b" } };
const chunk = (members: string) => `data: {"id":"c",${members}"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n`;

/** Streams of which nothing has to change: what → their bytes before the finish. */
const SAME: Readonly<Record<string, string>> = {
  "an everyday chunk": chunk('"model":"free",'),
  "numbers that no double holds": chunk('"created":12345678901234567890,"x":1e400,"y":0.10,"z":-0,'),
  "the order of keys": chunk('"z":1,"9":2,"1":3,'),
  "keys that come twice": chunk('"a":1,"a":2,'),
  "white space in JSON": 'data:  { "choices" : [ ] ,\t"x" : 1 } \n\n',
  "escapes": chunk('"x":"\\u00e9\\/\\ud83d\\ude00\\b",'),
  "a lone surrogate": chunk('"x":"\\ud800",'),
  "characters outside ASCII": chunk('"x":"é漢😀\u2028\u2029\u0085",'),
  "data without a space": 'data:{"choices":[]}\n\n',
  "data of several lines": 'data: {"choices":\ndata: []}\n\n',
  "empty data": "data:\n\n",
  "data that is no JSON": "data: hello\n\n",
  "data that is no object": "data: 7\n\ndata: null\n\ndata: [1]\n\n",
  "comments": ": ping\n\n:\n\n: two\n: lines\n\n",
  "a comment beside data": ': note\ndata: {"choices":[]}\n\n',
  "event, id and retry beside data": 'event: message\nid: 7\nretry: 1000\ndata: {"choices":[]}\n\n',
  "fields that nobody knows": 'x-what: 1\ndata: {"choices":[]}\n\n',
  "CRLF": 'data: {"choices":[]}\r\n\r\n: c\r\n\r\ndata: x\r\n\r\n',
  "CR": 'data: {"choices":[]}\r\rdata: x\r\r',
  "line ends of all kinds": 'data: {"choices":\r\ndata: []}\rid: 1\n\ndata: x\r\n\r\n',
  "tool calls in pieces (W32)": 'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":"{\\"a\\""}}]},"finish_reason":null}]}\n\n',
  "reasoning (W32)": 'data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm","reasoning":"hm"},"finish_reason":null}]}\n\n',
  "log probabilities (W32)": 'data: {"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-0.10,"bytes":[97],"top_logprobs":[]}]},"finish_reason":null}]}\n\n',
  "obfuscation (W32)": chunk('"obfuscation":"aXdk",'),
  "an error that is null (W32)": chunk('"error":null,'),
};

describe("the wire: streams", () => {
  const bench = wireBench();

  describe("W24: event by event, as it came", () => {
    const same: WireTable = Object.fromEntries(Object.entries(SAME).map(([what, bytes]) => [`W24: ${what}`, { send: free, upstream: sends(bytes, END), body: bytes + END }]));
    runRows(bench, same);
    runRows(bench, {
      "W24: the headers of a stream": { send: free, headers: { "content-type": /^text\/event-stream/, "cache-control": "no-cache, no-transform", "x-accel-buffering": "no", "content-length": undefined } },
      "W24: a byte order mark at the head": { send: free, upstream: sends(`\ufeff${SAME["an everyday chunk"]}`, END), body: `\ufeff${SAME["an everyday chunk"]}${END}` },
      "W24: records without data are dropped": { send: free, upstream: sends("id: 1\n\nretry: 10\n\nevent: ping\n\n", SAME["an everyday chunk"]!, "event: x\nid: 2\n\n", END), body: SAME["an everyday chunk"] + END },
      "W24: blank lines between events are dropped": { send: free, upstream: sends(`\n\n${SAME["an everyday chunk"]}\n\n\n`, END), body: SAME["an everyday chunk"] + END },
      "W24: of an event the model alone changes": { send: named, upstream: sends(chunk('"model":"real/name","created":1e400,'), END), body: chunk('"model":"org/named:7b","created":1e400,') + END },
      "W24: a model in data of several lines": { send: named, upstream: sends('event: m\r\ndata: {"choices":[],\r\ndata: "model":"x"}\r\nid: 1\r\n\r\n', END), body: `event: m\r\ndata: {"choices":[],\r\ndata: "model":"org/named:7b"}\r\nid: 1\r\n\r\n${END}` },
      "W24: a model inside a text is a text": { send: named, upstream: sends('data: {"choices":[{"index":0,"delta":{"content":"\\"model\\":\\"x\\""},"finish_reason":null}]}\n\n', END), body: `data: {"choices":[{"index":0,"delta":{"content":"\\"model\\":\\"x\\""},"finish_reason":null}]}\n\n${END}` },
      "W24: what comes after [DONE] is not relayed": { send: free, upstream: sends(SAME["an everyday chunk"]!, END, SAME["an everyday chunk"]!, "garbage"), body: SAME["an everyday chunk"] + END },
    });

    it("W24: a stream cut at each of its bytes, in characters, between CR and LF, comes out the same", async () => {
      const events = Buffer.from(`\ufeff${SAME["characters outside ASCII"]}: hé\r\n\r\nid: 1\r\ndata: {"choices":\r\ndata: []}\r\n\r\ndata: x\r\rdata: y\n\n`);
      const whole = Buffer.concat([events, Buffer.from(END)]);
      bench.upstream.always((request, respond) => {
        const at = Number(request.headers["x-cut"]);
        return sends(whole.subarray(0, at), whole.subarray(at))(request, respond);
      });
      const cuts = Array.from({ length: events.length }, (_, at) => at + 1);
      await Promise.all(cuts.map(async (at) => {
        const { body } = await bench.call({ ...free, headers: [["x-cut", String(at)]] });
        expect(body.equals(whole), `cut at ${at}: ${JSON.stringify(body.toString("latin1"))}`).to.equal(true);
      }));
    });

    it("W24: a stream of single bytes comes out the same", async () => {
      const whole = Buffer.from(`${SAME["CRLF"]}${SAME["characters outside ASCII"]}${END}`);
      bench.upstream.next(sends(...[...whole].map((byte) => Buffer.from([byte]))));
      expect((await bench.call(free)).body.equals(whole)).to.equal(true);
    });

    for (const [what, event] of [["LF", 'data: {"choices":[]}\n\n'], ["CRLF", 'data: {"choices":[]}\r\n\r\n'], ["CR", 'data: {"choices":[]}\r\r']] as const) {
      it(`W24: an event of ${what} goes out with the byte that completes it, before anything else comes`, async () => {
        const gate = createGate();
        bench.upstream.next(async (_request, respond) => {
          await respond.stream();
          await respond.body(event.slice(0, -1));
          await respond.body(event.slice(-1));
          await gate.opened;
          await respond.end(END);
        });
        const client = await bench.open();
        try {
          await client.send(bench.request(free));
          await client.saw(event);
          gate.open();
          expect((await client.answer()).body.toString()).to.equal(event + END);
        } finally {
          client.leave();
        }
      });
    }
  });

  describe("W25: a refusal before the stream is JSON with its status", () => {
    for (const [status, here] of [[400, 400], [429, 429], [500, 502], [503, 503]] as const) {
      it(`W25: ${status} from upstream is ${here}`, async () => {
        bench.upstream.next((_request, respond) => respond.json(status, { error: { message: "no" } }));
        const answer = await bench.call({ body: STREAM });
        expect(answer.status).to.equal(here);
        errorOf(answer);
      });
    }
  });

  describe("W26: usage", () => {
    const TEXT = 'data: {"id":"c","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n';
    const USAGE = 'data: {"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":300,"x":0.10}}\n\n';
    const asks = { body: { ...STREAM, stream_options: { include_usage: true } } };
    const asked = /"stream_options":\{"include_usage":true\}/;
    runRows(bench, {
      "W26: the usage chunk is hidden from who did not ask": { send: { body: STREAM }, upstream: sends(TEXT, USAGE, DONE), body: TEXT + DONE },
      "W26: who asked gets it, with the cost": { send: asks, upstream: sends(TEXT, USAGE, DONE), body: TEXT + USAGE.replace('"x":0.10', '"x":0.10,"cost":"0.0008"') + DONE },
      "W26: where there is none, what was estimated": { send: asks, upstream: sends(TEXT, DONE), body: /"choices":\[\],"usage":\{"prompt_tokens":\d+,"completion_tokens":1,"total_tokens":\d+,"cost":"0\.\d+","estimated":true\}\}\n\ndata: \[DONE\]\n\n$/ },
      "W26: usage beside choices is no usage chunk": { send: { body: STREAM }, upstream: sends(TEXT.replace('"choices"', '"usage":{"prompt_tokens":1},"choices"'), DONE), body: TEXT.replace('"choices"', '"usage":{"prompt_tokens":1},"choices"') + DONE },
      "W26: a usage of null is none": { send: { body: STREAM }, upstream: sends(TEXT.replace('"choices"', '"usage":null,"choices"'), DONE), body: TEXT.replace('"choices"', '"usage":null,"choices"') + DONE },
      "W26: stream_options of null ask for nothing": { send: { body: { ...STREAM, stream_options: null } }, upstream: sends(TEXT, USAGE, DONE), body: TEXT + DONE },
      "W26: empty stream_options ask for nothing": { send: { body: { ...STREAM, stream_options: {} } }, upstream: sends(TEXT, USAGE, DONE), body: TEXT + DONE },
      "W26: an endpoint with stream_usage: false is not asked": { send: free, arrives: { body: JSON.stringify(free.body) } },
    });

    for (const [what, body] of [["a stream", STREAM], ["stream_options of null", { ...STREAM, stream_options: null }], ["empty stream_options", { ...STREAM, stream_options: {} }]] as const) {
      it(`W26: ${what}: usage is asked of the upstream`, async () => {
        await bench.call({ body });
        expect(bench.upstream.requests.at(-1)?.body.toString()).to.match(asked);
      });
    }

    it("W26: a call that is not streamed is asked nothing", async () => {
      await bench.call({ body: CHAT });
      expect(bench.upstream.requests.at(-1)?.json()).not.to.have.property("stream_options");
    });

    it("W26: what the caller saw is what is booked", async () => {
      bench.upstream.next(sends(TEXT, USAGE, DONE));
      const { headers } = await bench.call(asks);
      const entry = await bench.booked(headers["x-request-id"]);
      expect(entry).to.deep.include({ costNano: 800_000n, status: 200, flags: [] });
      expect(entry?.usage).to.include({ inputTokens: 1_000, outputTokens: 300 });
    });
  });

  runRows(bench, {
    "W27: a whole stream without [DONE] gets one": { send: free, upstream: sends(SAME["an everyday chunk"]!, FINISH), body: SAME["an everyday chunk"] + END },
    "W27: one with [DONE] gets no second": { send: free, upstream: sends(SAME["an everyday chunk"]!, END, DONE), body: SAME["an everyday chunk"] + END },
    "W27: a stream whose last event lacks its blank line loses that event, and is whole by its finish reason": { send: free, upstream: sends(FINISH, "data: [DONE]"), body: END },
    "W27: a stream without a finish reason ends with an error": { send: free, upstream: sends(SAME["an everyday chunk"]!), body: /"code":"upstream_incomplete"\}\}\n\ndata: \[DONE\]\n\n$/ },
    "W27: two choices of which one has no finish reason are not whole": { send: free, upstream: sends('data: {"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}\n\n', FINISH), body: /upstream_incomplete/ },
  });

  it("W28: coins that end, end the stream with a finish reason, usage and [DONE]", async () => {
    const { key } = await bench.newKey("poor", { coinCap: "0.0006" });
    bench.upstream.next(async (request, respond) => {
      await respond.stream();
      while (!request.isClosed) {
        await respond.delta("word word word word ");
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const answer = await bench.call({ key, body: { ...STREAM, stream_options: { include_usage: true } } });
    const [stopped, usage, done] = answer.body.toString().split("\n\n").filter(Boolean).slice(-3);
    expect(JSON.parse(stopped!.slice(6))).to.deep.include({ choices: [{ index: 0, delta: {}, finish_reason: "length" }], lumen: { stopped: "insufficient_quota" } });
    expect(JSON.parse(usage!.slice(6))).to.have.nested.property("usage.cost");
    expect(done).to.equal("data: [DONE]");
    expect((await bench.booked(answer.headers["x-request-id"]))?.flags).to.include("stopped");
  });

  const large = (bytes: number) => `data: {"choices":[{"index":0,"delta":{"content":"${"x".repeat(bytes)}"},"finish_reason":null}]}\n\n`;
  runRows(bench, {
    "W32: several choices, mixed": { send: free, upstream: sends('data: {"choices":[{"index":1,"delta":{"content":"b"}}]}\n\ndata: {"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{},"finish_reason":"stop"}]}\n\n', END), body: `data: {"choices":[{"index":1,"delta":{"content":"b"}}]}\n\ndata: {"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{},"finish_reason":"stop"}]}\n\n${END}` },
    "W32: an event of 1 MB passes": { send: free, upstream: sends(large(1_048_576), END), body: large(1_048_576) + END },
    "W32: an event of more than 8 MB breaks the stream off": { send: free, upstream: sends(SAME["an everyday chunk"]!, large(8 * 1_048_576), END), body: /^data: \{"id":"c".*\n\ndata: \{"error":.*upstream_incomplete.*\n\ndata: \[DONE\]\n\n$/ },
  });
});
