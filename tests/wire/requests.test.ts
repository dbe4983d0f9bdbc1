import { deflateSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { runRows, type WireTable } from "./support/rows";
import { CHAT, CHAT_PATH, errorOf, STREAM, wireBench } from "./support/wireBench";

/** Bodies of the free model, for which nothing has to change: every byte must arrive. */
const SAME: Readonly<Record<string, string>> = {
  "numbers that no double holds": '{"model":"free","seed":12345678901234567890,"temperature":0.10,"top_p":1e400,"x":-0,"y":1E+2,"z":1.0}',
  "the order of keys": '{"z":1,"a":2,"model":"free","10":3,"9":4,"messages":[]}',
  "unknown fields": '{"model":"free","lumen_knows_nothing":{"of":["this",null,{}]},"extra_body":{"":""}}',
  "white space": ' \n{\t"model" : "free" ,\r\n  "messages" : [ ] }\n ',
  "escapes": '{"model":"free","messages":[{"role":"user","content":"\\u00e9\\/\\ud83d\\ude00 \\"\\\\ \\b\\f\\n\\r\\t"}]}',
  "a lone surrogate": '{"model":"free","messages":[{"role":"user","content":"\\ud800 and \\udfff"}]}',
  "characters outside ASCII": '{"model":"free","messages":[{"role":"user","content":"é 漢 😀 \u2028\u2029 \u0000"}]}'.replace("\u0000", ""),
  "keys that come twice and decide nothing": '{"model":"free","stop":["a"],"stop":["b"],"messages":[]}',
  "a member named __proto__": '{"model":"free","__proto__":{"model":"other"},"constructor":{"prototype":{}},"messages":[]}',
  "words of the model inside a text": '{"model":"free","messages":[{"role":"user","content":"\\"model\\":\\"other\\""}]}',
  "a model inside something nested": '{"metadata":{"model":"other"},"model":"free","messages":[]}',
  "stream_options of null": '{"model":"free","stream_options":null,"messages":[]}',
  "nesting of a thousand levels": `{"model":"free","x":${"[".repeat(990)}${"]".repeat(990)}}`,
};

describe("the wire: requests", () => {
  const bench = wireBench({ config: { more: { server: { body_limit_mb: 2 } } } });

  describe("W13: bytes are kept", () => {
    const same: WireTable = Object.fromEntries(Object.entries(SAME).map(([what, body]) => [`W13: ${what} arrive as they are`, { send: { body }, arrives: { body } }]));
    runRows(bench, same);
    const renamed: WireTable = Object.fromEntries(Object.entries(SAME).map(([what, body]) => {
      const [own, others] = [body.replace('"free"', '"org/named:7b"'), body.replace('"free"', '"real/name"')];
      return [`W13: of ${what} only the value of model changes`, { send: { body: own }, arrives: { body: others } }];
    }));
    runRows(bench, renamed);

    runRows(bench, {
      "W13: the output limit that a rule demands is added at the end": { send: { body: '{ "model":"m", "messages":[] }' }, arrives: { body: '{ "model":"m", "messages":[],"max_tokens":4096 }' } },
      "W13: a limit that holds stays as it was written": { send: { body: '{"model":"m","max_tokens":1e1,"messages":[]}' }, arrives: { body: '{"model":"m","max_tokens":1e1,"messages":[]}' } },
      "W13: a limit by its other name stays by it": { send: { body: '{"model":"m","max_completion_tokens":7,"messages":[]}' }, arrives: { body: '{"model":"m","max_completion_tokens":7,"messages":[]}' } },
      "W13: usage is asked for in a stream": { send: { body: '{"model":"m","stream":true,"max_tokens":5,"messages":[]}' }, arrives: { body: '{"model":"m","stream":true,"max_tokens":5,"messages":[],"stream_options":{"include_usage":true}}' } },
      "W13: other stream options stay": { send: { body: '{"model":"m","stream":true,"max_tokens":5,"stream_options":{"x":1.0,"include_usage":false}}' }, arrives: { body: '{"model":"m","stream":true,"max_tokens":5,"stream_options":{"x":1.0,"include_usage":true}}' } },
      "W13: stream options that ask already stay": { send: { body: '{"model":"m","stream":true,"max_tokens":5,"stream_options":{"include_usage":true}}' }, arrives: { body: '{"model":"m","stream":true,"max_tokens":5,"stream_options":{"include_usage":true}}' } },
      "W13: bytes that are no UTF-8 inside a text arrive": { send: { body: Buffer.concat([Buffer.from('{"model":"free","user":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]) }, arrives: { body: Buffer.concat([Buffer.from('{"model":"free","user":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]) } },
      "W13: an embeddings input of token lists": { send: { path: "/v1/embeddings", body: '{"input":[[1,2],[3]],"model":"free","dimensions":8}' }, arrives: { path: "/v1/embeddings", body: '{"input":[[1,2],[3]],"model":"free","dimensions":8}' } },
    });

    it("W13: a body in chunks of any size arrives whole", async () => {
      const body = JSON.stringify({ model: "free", messages: [{ role: "user", content: "é漢😀".repeat(20) }] });
      const chunks = [...Buffer.from(body)].map((byte) => Buffer.concat([Buffer.from("1\r\n"), Buffer.from([byte]), Buffer.from("\r\n")]));
      const sent = bench.upstream.requests.length;
      const answer = await bench.call({ headers: [["transfer-encoding", "chunked"]], body: Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]) });
      expect(answer.status).to.equal(200);
      expect(bench.upstream.requests[sent]?.body.toString()).to.equal(body);
    });
  });

  describe("W14: size", () => {
    const filled = (bytes: number) => `{"model":"free","x":"${"y".repeat(bytes - 23)}"}`;
    runRows(bench, {
      "W14: a body of exactly the limit passes": { send: { body: filled(2 * 1_048_576) }, arrives: { body: filled(2 * 1_048_576) } },
      "W14: one byte more is 413": { send: { body: filled(2 * 1_048_576 + 1) }, status: 413, code: "request_too_large", message: /2 MB/, arrives: "nothing" },
    });

    it("W14: a body that says that it is too large is refused before it is sent", async () => {
      const client = await bench.open();
      try {
        await client.send(bench.request({ headers: [["content-length", "9999999999"]], body: "" }));
        const answer = await client.answer();
        expect(answer.status).to.equal(413);
        expect(errorOf(answer).code).to.equal("request_too_large");
      } finally {
        client.leave();
      }
    });

    it("W14: one in chunks is refused as soon as that is known, while the upload still runs", async () => {
      const client = await bench.open();
      try {
        await client.send(bench.request({ headers: [["transfer-encoding", "chunked"]], body: "" }));
        const piece = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(0x100000, 0x20), Buffer.from("\r\n")]);
        const answer = client.answer();
        for (let sent = 0; sent < 3; sent++) await client.write(piece);
        expect((await answer).status).to.equal(413);
      } finally {
        client.leave();
      }
    });
  });

  describe("W15: compression", () => {
    const body = '{"model":"free","seed":12345678901234567890,"messages":[]}';
    const packed = (encoding: string, bytes: Buffer) => ({ headers: [["content-encoding", encoding]] as const, body: bytes });
    const bomb = gzipSync(`{"model":"free","x":"${"y".repeat(3 * 1_048_576)}"}`);
    runRows(bench, {
      "W15: gzip is decoded": { send: packed("gzip", gzipSync(body)), arrives: { body, headers: { "content-encoding": undefined, "content-length": String(body.length) } } },
      "W15: x-gzip too, in any case": { send: packed("X-GZip", gzipSync(body)), arrives: { body } },
      "W15: deflate is decoded": { send: packed("deflate", deflateSync(body)), arrives: { body } },
      "W15: identity is nothing": { send: packed("identity", Buffer.from(body)), arrives: { body } },
      "W15: what unpacks beyond the limit is 413": { send: packed("gzip", bomb), status: 413, code: "request_too_large", arrives: "nothing" },
      "W15: what is no gzip is 400": { send: packed("gzip", Buffer.from(body)), status: 400, code: "invalid_request", arrives: "nothing" },
      "W15: gzip that is cut off is 400": { send: packed("gzip", gzipSync(body).subarray(0, -6)), status: 400, code: "invalid_request", arrives: "nothing" },
      "W15: zstd is 415": { send: packed("zstd", Buffer.from(body)), status: 415, code: "unsupported_media_type", arrives: "nothing" },
      "W15: gzip twice is 415": { send: packed("gzip, gzip", gzipSync(gzipSync(body))), status: 415, code: "unsupported_media_type", arrives: "nothing" },
    });
  });

  describe("W16: twins", () => {
    const twins = ['"model":"free","model":"m"', '"model":"free","mod\\u0065l":"m"', '"model":"free","Model":"m"', '"model":"free","MODEL":"m"', '"model":"free","stream":false,"stream":true',
      '"model":"free","Stream":true', '"model":"free","\u017ftream":true', '"model":"free","max_tokens":1,"max_tokens":9', '"model":"free","Max_Tokens":9', '"model":"free","n":1,"N":9', '"model":"free","best_of":1,"best_of":2',
      '"model":"free","stream_options":{},"stream_options":{"include_usage":true}', '"model":"free","max_completion_tokens":1,"Max_Completion_Tokens":2'];
    runRows(bench, Object.fromEntries(twins.map((members) => [
      `W16: {${members}} is 400`, { send: { body: `{${members},"messages":[]}` }, status: 400, code: "unsupported_parameter", arrives: "nothing" as const },
    ])));
  });

  describe("W17: hostile bodies", () => {
    const hostile: readonly [what: string, body: string | Buffer, status: number, code: string][] = [
      ["nesting of 1,001 levels", `{"model":"m","x":${"[".repeat(1_001)}${"]".repeat(1_001)}}`, 400, "invalid_json"],
      ["nesting of 200,000 levels that never closes", `{"model":"m","x":${"[".repeat(200_000)}`, 400, "invalid_json"],
      ["a name of a megabyte", JSON.stringify({ model: "x".repeat(1_000_000) }), 404, "model_not_found"],
      ["a key of a megabyte", `{"${"k".repeat(1_000_000)}":1}`, 400, "missing_required_parameter"],
      ["__proto__ as the model", '{"model":"__proto__"}', 404, "model_not_found"],
      ["constructor as the model", '{"model":"constructor"}', 404, "model_not_found"],
      ["the model inside __proto__", '{"__proto__":{"model":"m"}}', 400, "missing_required_parameter"],
      ["NUL in the model", '{"model":"m\\u0000"}', 404, "model_not_found"],
      ["a bare NUL", '{"model":"m\0"}', 400, "invalid_json"],
      ["a line break in the model", '{"model":"m\\r\\nx-evil: 1"}', 404, "model_not_found"],
      ["a path in the model", '{"model":"../../admin"}', 404, "model_not_found"],
      ["a model that is a list", '{"model":["m"]}', 400, "missing_required_parameter"],
      ["a model that is null", '{"model":null}', 400, "missing_required_parameter"],
      ["a model that is empty", '{"model":""}', 400, "missing_required_parameter"],
      ["a text", '"m"', 400, "invalid_json"],
      ["null", "null", 400, "invalid_json"],
      ["a list", '[{"model":"m"}]', 400, "invalid_json"],
      ["nothing", "", 400, "invalid_json"],
      ["only white space", " \n ", 400, "invalid_json"],
      ["two objects", '{"model":"m"}{"model":"m"}', 400, "invalid_json"],
      ["a byte order mark", '\ufeff{"model":"m"}', 400, "invalid_json"],
      ["UTF-16", Buffer.from('{"model":"m"}', "utf16le"), 400, "invalid_json"],
      ["NaN", '{"model":"m","temperature":NaN}', 400, "invalid_json"],
      ["a comment", '{"model":"m"/*x*/}', 400, "invalid_json"],
    ];
    runRows(bench, Object.fromEntries(hostile.map(([what, body, status, code]) => [`W17: ${what} is ${status} ${code}`, { send: { body }, status, code, arrives: "nothing" as const }])));
    const odd: readonly [what: string, members: string][] = [
      ["messages that are a number", '"messages":7'], ["messages of null", '"messages":[null,1,"x",[]]'], ["max_tokens below zero", '"max_tokens":-5,"messages":[]'], ["max_tokens of 1e400", '"max_tokens":1e400,"messages":[]'],
      ["max_tokens that is a text", '"max_tokens":"5","messages":[]'], ["n of a million", '"n":1000000,"max_tokens":1,"messages":[]'], ["n below zero", '"n":-1,"messages":[]'], ["tools that are a text", '"tools":"all","messages":[]'],
      ["stream that is a text", '"stream":"true","messages":[]'], ["stream_options that are a list", '"stream":true,"stream_options":[],"messages":[]'], ["an image without a URL", '"messages":[{"role":"user","content":[{"type":"image_url"}]}]'],
    ];
    for (const [what, members] of odd) {
      it(`W17: ${what} is no fault of the gateway's`, async () => {
        const answer = await bench.call({ body: `{"model":"m",${members}}` });
        expect(answer.status, answer.body.toString()).to.be.oneOf([200, 400, 429]);
      });
    }
  });

  describe("W18: to the upstream go", () => {
    const gone = ["authorization", "cookie", "x-api-key", "api-key", "proxy-authorization", "te", "expect", "origin", "referer", "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "sec-fetch-site", "x-named", "upgrade", "trailer"];
    runRows(bench, {
      "W18: not the caller's credentials, nor where the caller comes from": {
        send: { headers: [...gone.slice(1).filter((name) => !["x-api-key", "api-key", "expect", "upgrade"].includes(name)).map((name) => [name, "secret"] as const), ["Connection", "keep-alive, X-Named"]] },
        arrives: { headers: Object.fromEntries(gone.map((name) => [name, undefined])) },
      },
      "W18: identity is asked for, whatever the caller takes": { send: { headers: [["accept-encoding", "zstd, br, gzip"]] }, arrives: { headers: { "accept-encoding": "identity" } } },
      "W18: the request id is ours, not the caller's": { send: { headers: [["x-request-id", "mine"]] }, arrives: { headers: { "x-request-id": /^[0-9a-f]{8}-/ } } },
      "W18: all else passes": { send: { headers: [["OpenAI-Beta", "x=1"], ["anthropic-version", "2023-06-01"], ["user-agent", "curl/8"], ["x-stainless-os", "Linux"], ["accept", "*/*"]] }, arrives: { headers: { "openai-beta": "x=1", "anthropic-version": "2023-06-01", "user-agent": "curl/8", "x-stainless-os": "Linux", "accept": "*/*" } } },
      "W18: an expectation that nobody knows is passed over": { send: { headers: [["Expect", "the-impossible"]] }, arrives: { headers: { expect: undefined } } },
      "W18: the host is the endpoint's": { send: { headers: [["host", "evil.example"]] }, arrives: { headers: { host: /^127\.0\.0\.1:\d+$/ } } },
      "W18: the caller's length is not the upstream's": { send: { body: '{"model":"org/named:7b","messages":[]}' }, arrives: { headers: { "content-length": String('{"model":"real/name","messages":[]}'.length), "transfer-encoding": undefined } } },
    });

    it("W18: a client that waits for 100 Continue gets it, and the upstream does not hear of it", async () => {
      const client = await bench.open();
      try {
        const body = JSON.stringify(CHAT);
        await client.send(bench.request({ headers: [["Expect", "100-continue"], ["content-length", String(body.length)]], body: "" }));
        await client.saw("HTTP/1.1 100 Continue");
        await client.write(body);
        expect((await client.answer()).status).to.equal(200);
        expect(bench.upstream.requests.at(-1)?.headers["expect"]).to.equal(undefined);
      } finally {
        client.leave();
      }
    });

  });

  it("W17: a stream of hostile bodies on one connection does not end it", async () => {
    const client = await bench.open();
    try {
      for (const body of ["{", "[]", JSON.stringify(STREAM)]) {
        await client.send(bench.request({ path: CHAT_PATH, body }));
        expect((await client.answer()).whole).to.equal(true);
      }
    } finally {
      client.leave();
    }
  });
});
