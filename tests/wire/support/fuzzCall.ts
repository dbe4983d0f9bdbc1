import fc from "fast-check";
import { CHAT_PATH, type WireBench } from "./wireBench";

/** One call of the fuzzer: what is sent, how its caller behaves, and (in a header) what the server makes of it. */
export interface FuzzCall {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly script: readonly number[];
  readonly caller: "reads" | "leaves" | "breaks off" | "sends rubbish";
}

const path = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(CHAT_PATH, "/v1/completions", "/v1/embeddings", "/chat/completions") },
  { weight: 1, arbitrary: fc.constantFrom("/v1/models", "/v1/me", "/v1/models/m", "/v1/models/%zz", "/v1/../v1/models", "/v1/responses", "/v1/messages", "*", "/") },
  { weight: 1, arbitrary: fc.webPath().map((text) => `/${text}`) },
);

const field = fc.constantFrom("stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "best_of", "messages", "prompt", "input", "tools", "stop", "temperature", "Model", "__proto__", "response_format", "prompt_cache_key", "");
const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(true, false, null, -1, 0, 1e308, 2 ** 53, "", [], {}), fc.string({ unit: "binary", maxLength: 40 }));
const body = fc.oneof(
  { weight: 14, arbitrary: fc.tuple(fc.constantFrom("m", "quick", "quick", "free", "org/named:7b", "embedder", "nobody", "asks"), fc.boolean(), fc.array(fc.tuple(field, value), { maxLength: 5 }), fc.nat(3_000)).map(textOf) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
);

function textOf([model, stream, fields, filler]: [string, boolean, [string, unknown][], number]): string {
  const own: [string, unknown][] = [["model", model], ["messages", [{ role: "user", content: "x".repeat(filler) }]], ["stream", stream]];
  return `{${[...own, ...fields].map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one) ?? "null"}`).join(",")}}`;
}

const header = fc.tuple(
  fc.constantFrom("content-type", "content-encoding", "accept", "accept-encoding", "x-api-key", "cookie", "origin", "expect", "connection", "te", "range", "x-forwarded-for", "x-odd"),
  fc.constantFrom("", "application/json", "gzip", "identity", "keep-alive, x-odd", "close", "trailers", "multipart/form-data; boundary=x", "*/*", "\u00e9", "a".repeat(2_000)),
);

export const fuzzCall: fc.Arbitrary<FuzzCall> = fc.record({
  method: fc.oneof({ weight: 12, arbitrary: fc.constant("POST") }, { weight: 1, arbitrary: fc.constantFrom("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW") }),
  path,
  headers: fc.array(header, { maxLength: 2 }),
  body,
  script: fc.array(fc.nat(255), { minLength: 1, maxLength: 6 }),
  caller: fc.oneof({ weight: 8, arbitrary: fc.constant("reads" as const) }, { weight: 1, arbitrary: fc.constantFrom("leaves" as const, "breaks off" as const, "sends rubbish" as const) }),
});

/** @returns the status of the answer, 0 where its caller had left */
export async function send(bench: WireBench, call: FuzzCall): Promise<{ readonly status: number }> {
  const client = await bench.open();
  try {
    const headers = [...call.headers, ["x-script", call.script.join(",")]] as const;
    const request = bench.request({ method: call.method, path: call.path, headers, body: call.body });
    if (call.caller === "sends rubbish") {
      await client.write(Buffer.from(call.script));
      await client.write("\r\n\r\n");
    }
    if (call.caller === "breaks off") {
      await client.send({ ...request, headers: [...(request.headers ?? []), ["content-length", String(call.body.length + 1_000)]] });
      client.halfClose();
    } else await client.send(request);
    if (call.caller === "leaves") return { status: 0 };
    return await client.answer(call.method);
  } finally {
    client.leave();
  }
}
