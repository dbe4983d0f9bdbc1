import { expect } from "chai";
import { Readable } from "node:stream";
import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import { readRefusal, refusalInStream } from "./upstreamRefusal";

interface ErrorObject {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | number | null;
}

describe("a refusal of a model server", () => {
  let closed = 0;

  async function read(status: number, body: unknown, headers: Record<string, string> = {}) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const stream = Readable.from([Buffer.from(text)]);
    const answer = { status, headers, stream, close: () => void closed++, onIdle: () => undefined } as unknown as UpstreamAnswer;
    const refusal = await readRefusal(answer);
    return { ...refusal, error: (JSON.parse(refusal.body) as { error: ErrorObject }).error };
  }

  const shapes: [string, unknown, Partial<ErrorObject>][] = [
    ["nested", { error: { message: "too long", type: "BadRequestError", param: "messages", code: "context_length_exceeded" } },
      { message: "too long", type: "BadRequestError", param: "messages", code: "context_length_exceeded" }],
    ["nested with a number for a code", { error: { message: "too long", type: "BadRequestError", param: null, code: 400 } }, { message: "too long", code: 400, param: null }],
    ["flat", { object: "error", message: "too long", type: "BadRequestError", param: null, code: 400 }, { message: "too long", type: "BadRequestError" }],
    ["detail", { detail: "too long" }, { message: "too long", type: "invalid_request_error", code: null }],
    ["detail as a list of faults", { detail: [{ loc: ["body", "n"], msg: "too many" }] }, { message: '[{"loc":["body","n"],"msg":"too many"}]' }],
    ["error as a text", { error: "too long" }, { message: "too long" }],
    ["a JSON text", '"too long"', { message: "too long" }],
    ["plain text", " too long\n", { message: "too long" }],
    ["HTML", "<html><body><h1>400 Bad Request</h1></body></html>", { message: "The model server refused the request with status 400." }],
    ["nothing", "", { message: "The model server refused the request with status 400." }],
    ["null", "null", { message: "The model server refused the request with status 400." }],
    ["a list", "[]", { message: "The model server refused the request with status 400." }],
    ["numbers where texts belong", { error: { message: 7, type: {}, param: [] } }, { type: "invalid_request_error", param: null }],
  ];
  for (const [name, body, expected] of shapes) {
    it(`keeps the status and message of a 400, and has our shape: ${name}`, async () => {
      const { status, error } = await read(400, body);
      expect(status).to.equal(400);
      expect(error).to.include(expected);
      expect(Object.keys(error)).to.deep.equal(["message", "type", "param", "code"]);
      expect(error.message).to.be.a("string").that.is.not.empty;
    });
  }

  const statuses: [number, number, string | null][] = [
    [401, 502, "upstream_error"], [403, 502, "upstream_error"], [407, 502, "upstream_error"],
    [402, 503, "upstream_quota"], [429, 429, "rate_limit_exceeded"], [503, 503, "overloaded"], [504, 504, "upstream_timeout"],
    [500, 502, "upstream_error"], [502, 502, "upstream_error"], [520, 502, "upstream_error"], [301, 502, "upstream_error"],
    [400, 400, null], [404, 404, null], [413, 413, null], [422, 422, null],
  ];
  for (const [given, status, code] of statuses) {
    it(`makes ${status} ${code ?? "of its own code"} of ${given}`, async () => {
      const refusal = await read(given, { error: { message: "said upstream" } });
      expect(refusal).to.include({ status });
      expect(refusal.error.code).to.equal(code);
    });
  }

  it("never hands on why the gateway's own key was refused, nor what a broken server printed", async () => {
    for (const status of [401, 403, 407, 500, 502]) {
      const { body } = await read(status, { error: { message: "key sk-secret of org-123 is not valid" } });
      expect(body, String(status)).not.to.include("sk-secret").and.not.to.include("org-123");
    }
  });

  it("does not take the institution's empty account for the caller's: 503 upstream_quota", async () => {
    for (const [status, body] of [
      [402, ""], [429, { error: { message: "m", type: "insufficient_quota", code: "insufficient_quota" } }],
      [403, { error: { message: "m", code: "insufficient_quota" } }], [429, { error: { message: "m", type: "insufficient_quota", code: null } }],
    ] as const) {
      const { status: given, error } = await read(status, body);
      expect(given).to.equal(503);
      expect(error).to.include({ type: "server_error", code: "upstream_quota" });
    }
  });

  it("keeps the message of a 429, and when to come again; other headers are dropped", async () => {
    const { error, headers } = await read(429, { error: { message: "slow down" } }, {
      "retry-after": "7", "retry-after-ms": "6500", "x-should-retry": "true", "set-cookie": "a=b", "x-ratelimit-limit-requests": "9",
    });
    expect(error).to.include({ message: "slow down", type: "rate_limit_error" });
    expect(headers).to.deep.equal({ "retry-after": "7", "retry-after-ms": "6500", "x-should-retry": "true" });
  });

  const inStream: [said: unknown, upstreamStatus: number, status: number, code: string | null][] = [
    [{ error: { message: "no", code: 400 } }, 400, 400, null],
    [{ object: "error", message: "too long", type: "BadRequestError", param: null, code: 400 }, 400, 400, null],
    [{ type: "error", error: { type: "image_generation_user_error", code: "moderation_blocked", message: "no" } }, 400, 400, "moderation_blocked"],
    [{ type: "error", code: "rate_limit_exceeded", message: "slow down" }, 429, 429, "rate_limit_exceeded"],
    [{ error: { message: "empty", type: "insufficient_quota", code: "429" } }, 429, 503, "upstream_quota"],
    [{ type: "error", error: { type: "overloaded_error", message: "busy" } }, 529, 503, "overloaded"],
    [{ error: { message: "sk-secret", code: 401 } }, 401, 502, "upstream_error"],
    [{ error: { message: "sk-secret", type: "server_error", code: "oom" } }, 500, 502, "upstream_error"],
    [{ error: "sk-secret" }, 500, 502, "upstream_error"],
    [{ type: "response.failed", response: { error: { code: "server_error", message: "sk-secret" } } }, 500, 502, "upstream_error"],
    [{ error: { message: "sk-secret", code: 200 } }, 500, 502, "upstream_error"],
  ];
  for (const [said, upstreamStatus, status, code] of inStream) {
    it(`W25: reads ${JSON.stringify(said)}, a stream's first event, as the refusal that it is`, () => {
      const refusal = refusalInStream(JSON.stringify(said));
      expect(refusal).to.include({ upstreamStatus, status });
      if (code !== null) expect((JSON.parse(refusal.body) as { error: { code: string } }).error.code).to.equal(code);
      expect(refusal.body).not.to.include("sk-secret");
    });
  }

  it("reads no more than it needs of an endless answer, and closes it", async () => {
    let made = 0;
    const stream = Readable.from((function* () {
      for (;;) {
        made++;
        yield Buffer.alloc(16_384, "x");
      }
    })());
    const before = closed;
    const refusal = await readRefusal({ status: 400, headers: {}, stream, close: () => void closed++, onIdle: () => undefined } as unknown as UpstreamAnswer);
    expect(refusal.body.length).to.be.lessThan(3_000);
    expect(made).to.be.lessThan(50);
    expect(closed).to.equal(before + 1);
  });

  it("says no with what came, where the server broke off inside its refusal", async () => {
    const stream = new Readable({
      read() {
        this.push("cut of");
        this.destroy(new Error("reset"));
      },
    });
    const { status } = await readRefusal({ status: 404, headers: {}, stream, close: () => undefined, onIdle: () => undefined } as unknown as UpstreamAnswer);
    expect(status).to.equal(404);
  });
});
