import { gzipSync } from "node:zlib";
import { expect } from "chai";
import type { Handler } from "../support/fakeUpstream";
import { runRows, type WireTable } from "./support/rows";
import { CHAT, STREAM, wireBench } from "./support/wireBench";

const free = { body: { ...CHAT, model: "free" } };
const named = { body: { ...CHAT, model: "org/named:7b" } };
const plain = (body: string | Buffer, headers: Record<string, string> = {}): Handler => async (_request, respond) => {
  const bytes = Buffer.from(body as string);
  await respond.head(200, { "content-type": "application/json", "content-length": String(bytes.length), ...headers });
  await respond.end(bytes);
};

/** Answers of the upstream, whose model is the public name already: every byte must come back. */
const SAME: Readonly<Record<string, string>> = {
  "numbers that no double holds": '{"id":"x","created":12345678901234567890,"model":"free","choices":[],"x":1e400,"y":0.10,"z":-0.0,"usage":{"prompt_tokens":1,"completion_tokens":1}}',
  "the order of keys": '{"usage":{"completion_tokens":1,"prompt_tokens":1},"9":1,"1":2,"model":"free","choices":[]}',
  "white space": '\n{ "model" : "free",\r\n\t"choices" : [ ] , "usage":{"prompt_tokens":1,"completion_tokens":1} }\n\n',
  "escapes and lone surrogates": '{"model":"free","choices":[{"index":0,"message":{"content":"\\u00e9 \\ud800 \\/ \\u2028"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
  "keys that come twice": '{"model":"free","a":1,"a":2,"choices":[],"choices":[],"usage":{"prompt_tokens":9},"usage":{"prompt_tokens":1,"completion_tokens":1}}',
  "usage of strange kinds": '{"model":"free","choices":[],"usage":{"prompt_tokens":"many","completion_tokens":-1,"total_tokens":null}}',
  "no usage": '{"model":"free","choices":[{"index":0,"message":{"role":"assistant","content":"hi"}}]}',
  "a member named __proto__": '{"model":"free","__proto__":{"usage":{"prompt_tokens":9}},"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
  "what is no JSON": "this is not JSON at all",
  "a list": '[{"model":"other"}]',
  "nothing at all": "",
  "a model deep inside": '{"model":"free","metadata":{"model":"other"},"choices":[{"message":{"content":"\\"model\\":\\"other\\""}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
};

describe("the wire: answers", () => {
  const bench = wireBench();

  runRows(bench, {
    "W19: an answer has a request id, and the upstream gets one of that shape": { arrives: { headers: { "x-request-id": /^[0-9a-f]{8}-[0-9a-f]{4}-7/ } } },
    "W19: the upstream's own request id is not the answer's": { upstream: plain("{}", { "x-request-id": "theirs" }), headers: { "x-request-id": /^[0-9a-f]{8}-/ } },
  });

  it("W19: answer, upstream, log and ledger name one id", async () => {
    const answer = await bench.call();
    const id = answer.headers["x-request-id"];
    expect(bench.upstream.requests.at(-1)?.headers["x-request-id"]).to.equal(id);
    expect((await bench.ended(id)).request_id).to.equal(id);
    expect((await bench.booked(id))?.id).to.equal(id);
  });

  it("W19: two calls have two ids, the later one the greater", async () => {
    const [first, second] = [await bench.call(), await bench.call()].map(({ headers }) => headers["x-request-id"] ?? "");
    expect(first! < second!, `${first} before ${second}`).to.equal(true);
  });

  describe("W20: bodies that are not streamed pass byte for byte", () => {
    const same: WireTable = Object.fromEntries(Object.entries(SAME).map(([what, body]) => [`W20: ${what} come back as they are`, { send: free, upstream: plain(body), body: Buffer.from(body) }]));
    runRows(bench, same);
    const renamed: WireTable = Object.fromEntries(Object.entries(SAME).filter(([, body]) => body.includes('"free"')).map(([what, body]) => [
      `W20: of ${what} only the value of model changes`,
      { send: named, upstream: plain(body.replace('"free"', '"real/name"')), body: Buffer.from(body.replace('"free"', '"org/named:7b"')), headers: { "x-lumen-upstream-model": "real/name" } },
    ]));
    runRows(bench, renamed);
    runRows(bench, {
      "W20: bytes that are no UTF-8 come back": { send: free, upstream: plain(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])), body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]) },
      "W20: a body in chunks comes back with its length": { send: free, upstream: async (_request, respond) => {
        await respond.head(200, { "content-type": "application/json" });
        for (const byte of SAME["white space"] ?? "") await respond.body(byte);
        await respond.end();
      }, body: SAME["white space"]!, headers: { "content-length": String(SAME["white space"]?.length), "transfer-encoding": undefined } },
      "W20: a body compressed unasked is unpacked": { send: free, upstream: plain(gzipSync(SAME["no usage"]!), { "content-encoding": "gzip" }), body: SAME["no usage"]!, headers: { "content-encoding": undefined } },
      "W20: a model of several escapes is read as the name it is": { send: named, upstream: plain('{"mod\\u0065l":"real\\/name","choices":[]}'), body: '{"mod\\u0065l":"org/named:7b","choices":[]}' },
      "W20: an answer to HTTP/1.0 until the end of the connection": { send: free, upstream: async (_request, respond) => {
        await respond.raw('HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{"model":"free"}');
        respond.cut();
      }, body: '{"model":"free"}' },
      "W20: interim answers of the upstream are not the answer": { send: free, upstream: async (_request, respond) => {
        await respond.raw("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n");
        await respond.json(200, SAME["a list"]);
      }, body: SAME["a list"]! },
      "W20: a status of 201 stays": { send: free, upstream: (_request, respond) => respond.json(201, "{}"), status: 201, body: "{}" },
      "W20: a whole answer to a call for a stream stays what it is": { send: { body: { ...STREAM, model: "free" } }, upstream: plain(SAME["no usage"]!), body: SAME["no usage"]! },
      "W20: an answer of 3 MB": { send: free, upstream: plain(`{"model":"free","x":"${"y".repeat(3_000_000)}"}`), body: `{"model":"free","x":"${"y".repeat(3_000_000)}"}` },
    });
  });

  describe("W21: which model answered", () => {
    runRows(bench, {
      "W21: as the upstream calls it": { send: named, upstream: plain('{"model":"real/name-0613","choices":[]}'), headers: { "x-lumen-upstream-model": "real/name-0613" } },
      "W21: where the upstream does not say, as the endpoint is set": { send: named, upstream: plain('{"choices":[]}'), headers: { "x-lumen-upstream-model": "real/name" } },
      "W21: streamed too": { send: { body: { ...STREAM, model: "org/named:7b" } }, headers: { "x-lumen-upstream-model": "real/name" } },
      "W21: a name that no header can hold is made harmless": { send: named, upstream: plain(JSON.stringify({ model: "a\r\nset-cookie: x=1\u0000é" })), headers: { "x-lumen-upstream-model": "a??set-cookie: x=1??", "set-cookie": undefined } },
    });
  });

  describe("W22: cost", () => {
    const usage = (bytes: number) => `{"model":"m","x":"${"y".repeat(bytes)}","usage":{"prompt_tokens":1000,"completion_tokens":300}}`;
    runRows(bench, {
      "W22: a small body tells its cost": { upstream: plain(usage(0)), headers: { "x-lumen-cost": "0.0008" } },
      "W22: a body of a megabyte still does": { upstream: plain(usage(1_048_576 - usage(0).length)), headers: { "x-lumen-cost": "0.0008" } },
      "W22: a larger one does not": { upstream: plain(usage(1_048_577)), headers: { "x-lumen-cost": undefined } },
      "W22: a free call costs 0": { send: free, headers: { "x-lumen-cost": "0" } },
    });

    it("W22: what a larger one cost is booked by its usage all the same, before its last byte", async () => {
      bench.upstream.next(plain(usage(1_200_000)));
      const { headers } = await bench.call();
      expect(await bench.booked(headers["x-request-id"])).to.deep.include({ costNano: 800_000n, flags: [] });
    });
  });

  describe("W23: headers kept from the upstream", () => {
    const kept = { "content-type": "application/vnd.x+json; charset=utf-8", "content-disposition": "attachment", "retry-after": "3", "retry-after-ms": "3000", "x-should-retry": "false", "openai-processing-ms": "7", "anthropic-organization-id": "o" };
    const dropped = { "set-cookie": "a=b", "server": "uvicorn", "access-control-allow-origin": "*", "x-ratelimit-remaining-requests": "5", "x-ratelimit-limit-tokens": "9", "via": "1.1 x", "x-powered-by": "y", "date": "z", "etag": '"1"', "location": "/x", "x-lumen-cost": "999", "x-lumen-upstream-model": "liar", "alt-svc": "h3", "strict-transport-security": "max-age=1", "link": "</x>", "upgrade": "h2c", "trailer": "x" };
    runRows(bench, {
      "W23: what a client can use": { send: free, upstream: plain('{"choices":[]}', kept), headers: kept },
      "W23: nothing else": { send: free, upstream: plain('{"choices":[]}', dropped), headers: { ...Object.fromEntries(Object.keys(dropped).map((name) => [name, undefined])), "date": /GMT$/, "x-lumen-cost": "0", "x-lumen-upstream-model": "free" } },
      "W23: of a stream too": {
        send: { body: { ...STREAM, model: "free" } },
        upstream: async (_request, respond) => {
          await respond.stream({ ...dropped, "openai-version": "1" });
          await respond.finish();
          await respond.done();
        },
        headers: { "openai-version": "1", "set-cookie": undefined, "server": undefined, "access-control-allow-origin": undefined, "x-ratelimit-remaining-requests": undefined },
      },
    });
  });
});
