import { expect } from "chai";
import { callApi, chatBody, type ApiError } from "../support/apiCall";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

interface LogLine {
  readonly status: number;
  readonly cost?: string;
  readonly flags?: readonly string[];
}

describe("how calls end", () => {
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let key: string;

  before(async () => {
    upstream = await startFakeUpstream();
    lumen = await startLumenProcess({ config: testConfig({ urls: [upstream.url], endpoint: { timeouts: { headers_seconds: 2, idle_seconds: 1 } } }) });
    key = await lumen.newKey("bot");
  });
  after(async () => {
    await lumen.remove();
    await upstream.close();
  });

  /** The line that is logged once the call is booked. */
  const booked = async (requestId: string | undefined): Promise<LogLine> => JSON.parse(await lumen.printed(new RegExp(`"request_id":"${requestId}".*"msg":"exchange"`))) as LogLine;

  /** The request that this test makes arrive: those of tests before it are passed over. */
  let passedOver = 0;
  let earlier = 0;
  beforeEach(() => {
    earlier = upstream.requests.length;
  });
  const arrived = async () => {
    for (; passedOver < earlier; passedOver++) await upstream.received();
    passedOver++;
    return upstream.received();
  };

  const post = (body: unknown, signal?: AbortSignal) =>
    fetch(`${lumen.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(body), ...(signal ? { signal } : {}) });

  describe("C3: a caller that leaves closes the upstream within 200 ms and is charged", () => {
    it("before the first token of a stream: the input", async () => {
      const gone = new AbortController();
      upstream.next(async (_request, respond) => respond.stream());
      const call = post(chatBody("m", "x", { stream: true }), gone.signal).catch(() => undefined);
      const request = await arrived();
      const left = performance.now();
      gone.abort();
      expect((await request.closed).at - left).to.be.lessThan(200);
      await call;
      const line = await booked(request.headers["x-request-id"]);
      expect(line.flags).to.include.members(["aborted", "estimated"]);
      expect(Number(line.cost)).to.be.greaterThan(0);
    });

    it("in the middle of a stream: the input and what was produced", async () => {
      const gone = new AbortController();
      upstream.next(async (_request, respond) => {
        await respond.stream();
        for (let i = 0; i < 5; i++) await respond.delta("word ");
      });
      const answer = await post(chatBody("m", "x", { stream: true }), gone.signal);
      const reader = answer.body!.getReader();
      await reader.read();
      const request = await arrived();
      const left = performance.now();
      gone.abort();
      expect((await request.closed).at - left).to.be.lessThan(200);
      const line = await booked(answer.headers.get("x-request-id") ?? undefined);
      expect(line).to.deep.include({ flags: ["aborted", "estimated"] });
    });

    it("while it waits for an answer that is not streamed: the input", async () => {
      const gone = new AbortController();
      upstream.next(() => undefined);
      const call = post(chatBody("m"), gone.signal).catch(() => undefined);
      const request = await arrived();
      const left = performance.now();
      gone.abort();
      expect((await request.closed).at - left).to.be.lessThan(200);
      await call;
      const line = await booked(request.headers["x-request-id"]);
      expect(line.status).to.equal(499);
      expect(line.flags).to.include("aborted");
      expect(Number(line.cost)).to.be.greaterThan(0);
    });
  });

  it("C5: an upstream cut in the middle of a stream reaches the caller as an error event within a second, and what came is charged", async () => {
    const gate = createGate();
    let cutAt = 0;
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("half a ");
      await gate.opened;
      cutAt = performance.now();
      respond.cut();
    });
    const answer = await post(chatBody("m", "x", { stream: true }));
    gate.open();
    const text = await answer.text();
    expect(performance.now() - cutAt).to.be.lessThan(1_000);
    const events = text.split("\n\n").filter(Boolean);
    expect(events[0]).to.contain("half a ");
    expect(JSON.parse(events[1]!.slice(6))).to.have.nested.property("error.code", "upstream_incomplete");
    expect(events.at(-1)).to.equal("data: [DONE]");
    expect((await booked(answer.headers.get("x-request-id") ?? undefined)).flags).to.include("failed");
  });

  it("a stream that ends without a finish reason is said to be broken", async () => {
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("and then");
      await respond.end();
    });
    const text = await (await post(chatBody("m", "x", { stream: true }))).text();
    expect(text).to.contain('"code":"upstream_incomplete"').and.to.match(/data: \[DONE\]\n\n$/);
  });

  it("a stream without [DONE] gets one", async () => {
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("all");
      await respond.finish();
      await respond.end();
    });
    const answer = await post(chatBody("m", "x", { stream: true }));
    const text = await answer.text();
    expect(text).not.to.contain("error");
    expect(text).to.match(/data: \[DONE\]\n\n$/);
    expect((await booked(answer.headers.get("x-request-id") ?? undefined)).flags).to.deep.equal(["estimated"]);
  });

  it("a stream that falls silent is ended with an error after the endpoint's idle limit", async () => {
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("hm");
    });
    const text = await (await post(chatBody("m", "x", { stream: true }))).text();
    expect(text).to.contain('"code":"upstream_timeout"').and.to.match(/data: \[DONE\]\n\n$/);
  });

  const refusals: [what: string, status: number, body: unknown, expected: number, code: string | null][] = [
    ["its own 400, with its message", 400, { error: { message: "bad temperature", type: "invalid_request_error", code: null, param: "temperature" } }, 400, null],
    ["a FastAPI detail", 422, { detail: "no such field" }, 422, null],
    ["a refusal of our key, which is not the caller's fault", 401, { error: { message: "bad key" } }, 502, "upstream_error"],
    ["the institution's empty account, which is not the caller's quota", 429, { error: { message: "pay", code: "insufficient_quota" } }, 503, "upstream_quota"],
    ["a limit of the shared account", 429, { error: { message: "slow down" } }, 429, "rate_limit_exceeded"],
    ["a crash", 500, "<html>oops</html>", 502, "upstream_error"],
  ];
  for (const [what, status, body, expected, code] of refusals) {
    it(`C4: ${status} from upstream is ${expected} here and free: ${what}`, async () => {
      upstream.next((_request, respond) => respond.json(status, body));
      const answer = await callApi<ApiError>(lumen.url, "/v1/chat/completions", { key, body: chatBody("m", "x", { stream: true }) });
      expect(answer.status).to.equal(expected);
      expect(answer.json.error.message).to.be.a("string").and.not.contain("<html>");
      if (code !== null) expect(answer.json.error.code).to.equal(code);
      expect(await booked(answer.headers.get("x-request-id") ?? undefined)).to.include({ cost: "0" });
    });
  }

  it("C4: an upstream that says nothing in time is a 504 and free", async () => {
    upstream.next(() => undefined);
    const answer = await callApi<ApiError>(lumen.url, "/v1/chat/completions", { key, body: chatBody("m") });
    expect(answer.status).to.equal(504);
    expect(answer.json.error.code).to.equal("upstream_timeout");
  });

  it("C2: without usage from the upstream the call is estimated, never free", async () => {
    upstream.next((_request, respond) => respond.json(200, { id: "x", object: "chat.completion", model: "z", choices: [{ index: 0, message: { role: "assistant", content: "four words of text" }, finish_reason: "stop" }] }));
    const answer = await callApi<{ model: string }>(lumen.url, "/v1/chat/completions", { key, body: chatBody("m") });
    expect(answer.json.model).to.equal("m");
    expect(Number(answer.headers.get("x-lumen-cost"))).to.be.greaterThan(0);
    expect((await booked(answer.headers.get("x-request-id") ?? undefined)).flags).to.deep.equal(["estimated"]);
  });

  it("K3: a revoked key ends its running streams, and the upstream is told", async () => {
    const { key: shortLived, id } = await lumen.json<{ key: string; id: string }>("key", "create", "--client", "bot", "--name", "short-lived");
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("so far ");
    });
    const answer = await fetch(`${lumen.url}/v1/chat/completions`, {
      method: "POST", headers: { authorization: `Bearer ${shortLived}` }, body: JSON.stringify(chatBody("m", "x", { stream: true })),
    });
    const request = await arrived();
    await lumen.json("key", "revoke", id);
    await request.closed;
    expect(await answer.text().catch((error: Error) => error.message)).to.equal("terminated");
    expect((await booked(request.headers["x-request-id"])).flags).to.include("aborted");
  });

  it("H4: a stream whose coins end is stopped cleanly, with a finish reason, and the upstream is told", async () => {
    await lumen.json("client", "create", "poor");
    const { key: poor } = await lumen.json<{ key: string }>("key", "create", "--client", "poor", "--name", "k", "--coin-cap", "0.0004");
    upstream.next(async (request, respond) => {
      await respond.stream();
      while (!request.isClosed) {
        await respond.delta("word word word word ");
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const answer = await fetch(`${lumen.url}/v1/chat/completions`, {
      method: "POST", headers: { authorization: `Bearer ${poor}` }, body: JSON.stringify(chatBody("m", "x", { stream: true, stream_options: { include_usage: true } })),
    });
    const events = (await answer.text()).split("\n\n").filter(Boolean);
    expect(events.at(-1)).to.equal("data: [DONE]");
    expect(JSON.parse(events.at(-2)!.slice(6))).to.have.nested.property("usage.cost");
    expect(JSON.parse(events.at(-3)!.slice(6))).to.deep.include({ lumen: { stopped: "insufficient_quota" } });
    expect((await booked(answer.headers.get("x-request-id") ?? undefined)).flags).to.include("stopped");
    expect((await lumen.cli("ledger", "verify")).stdout).to.contain("exact");
  });
});
