import { expect } from "chai";
import { client } from "../../core/domain/testing/snapshots";
import { StoreUnavailable } from "../../core/errors/storeErrors";
import { runPolicy, type PolicyRunOptions } from "../../core/gateway/testing/runPolicy";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { TEST_API_KEY, testServices, type TestServices } from "../../core/gateway/testing/testServices";
import { createRateLimits } from "../../core/services/rateLimits";
import { rateLimit } from "./policy";

const twice = { limit: 2, seconds: 60, text: "2 per minute" };
const often = { limit: 100, seconds: 3_600, text: "100/hour" };

describe("rate-limit", () => {
  let services: TestServices;
  beforeEach(async () => (services = await testServices()));

  const limited = (rateLimiting: NonNullable<Parameters<typeof policySnapshot>[0]>["rateLimiting"]) => policySnapshot({ rateLimiting });
  const run = (options: PolicyRunOptions) => runPolicy(rateLimit, { services, ...options });

  it("allows everything, and says nothing, where no limit is set", async () => {
    for (let i = 0; i < 5; i++) {
      const { nexted, headers } = await run({});
      expect(nexted).to.equal(true);
      expect(headers).not.to.have.property("x-ratelimit-limit-requests");
    }
  });

  it("counts requests, tells how many are left, and refuses the next with 429 rate_limit_exceeded", async () => {
    const snapshot = limited({ windows: [twice] });
    const left: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      const { nexted, headers } = await run({ snapshot });
      expect(nexted).to.equal(true);
      left.push(headers["x-ratelimit-remaining-requests"]);
    }
    expect(left).to.deep.equal(["1", "0"]);
    const refused = await run({ snapshot });
    expect(refused).to.include({ nexted: false, status: 429, code: "rate_limit_exceeded" });
    expect(refused.text).to.include("2 requests per minute");
    expect(Number(refused.headers["retry-after"])).to.be.within(1, 60);
    expect(refused.headers).to.include({ "x-ratelimit-limit-requests": "2", "x-ratelimit-remaining-requests": "0" });
    expect(refused.headers["x-ratelimit-reset-requests"]).to.match(/^(\d+m)?\d+s$/);
  });

  it("tells of the tightest of several windows", async () => {
    const { headers } = await run({ snapshot: limited({ windows: [often, twice] }) });
    expect(headers).to.include({ "x-ratelimit-limit-requests": "2", "x-ratelimit-remaining-requests": "1" });
  });

  const resets: [seconds: number, expected: RegExp][] = [[1, /^1s$/], [59, /^59s$/], [60, /^1m0s$/], [360, /^6m0s$/], [3_600, /^1h0m0s$/], [86_400, /^24h0m0s$/]];
  for (const [seconds, expected] of resets) {
    it(`W85: tells a reset in ${seconds} seconds as OpenAI writes durations`, async () => {
      const { headers } = await run({ snapshot: limited({ windows: [{ limit: 2, seconds, text: "x" }] }) });
      expect(headers["x-ratelimit-reset-requests"]).to.match(expected);
      expect(headers).not.to.have.property("anthropic-ratelimit-requests-limit");
    });
  }

  it("W85: tells clients of messages in Anthropic's words too, with the time of the reset", async () => {
    const now = Date.parse("2026-03-01T10:00:00Z");
    for (const url of ["/v1/messages", "/v1/messages/count_tokens"]) {
      const { headers } = await run({ url, snapshot: limited({ windows: [{ limit: 9, seconds: 60, text: "x" }] }), services: { ...services, clock: () => now, rateLimits: createRateLimits() } });
      expect(headers).to.include({ "anthropic-ratelimit-requests-limit": "9", "anthropic-ratelimit-requests-remaining": "8", "x-ratelimit-limit-requests": "9" });
      const reset = Date.parse(String(headers["anthropic-ratelimit-requests-reset"]));
      expect(reset).to.be.within(now + 59_000, now + 60_000);
    }
  });

  it("sends no headers where it is told so", async () => {
    const { nexted, headers } = await run({ snapshot: limited({ windows: [twice] }), parameters: { headers: false } });
    expect(nexted).to.equal(true);
    expect(headers).not.to.have.property("x-ratelimit-limit-requests");
  });

  it("counts each owner apart, over all of the owner's keys", async () => {
    const snapshot = limited({ windows: [twice] });
    const ask = async (name: string, keyId: string) => {
      const owner = client(name);
      return (await run({ snapshot, owner, prepare: (exchange) => void (exchange.apiKey = { ...TEST_API_KEY, id: keyId }) })).nexted;
    };
    expect([await ask("a", "k1"), await ask("a", "k2"), await ask("a", "k3")]).to.deep.equal([true, true, false]);
    expect(await ask("b", "k4")).to.equal(true);
  });

  it("lets so many run at once, and the next when one has ended", async () => {
    const snapshot = limited({ concurrent: 1 });
    const first = await run({ snapshot });
    expect(first.nexted).to.equal(true);
    const second = await run({ snapshot });
    expect(second).to.include({ nexted: false, status: 429, code: "rate_limit_exceeded" });
    expect(second.text).to.include("At most 1 of your requests may run at once");
    expect(second.headers["retry-after"]).to.equal("1");
    second.exchange.end();
    expect(await run({ snapshot }), "what was refused frees no place").to.include({ nexted: false });
    first.exchange.end();
    first.exchange.end();
    expect((await run({ snapshot })).nexted).to.equal(true);
    expect(services.rateLimits.running("c-bot")).to.equal(1);
  });

  it("denies with 503 store_unavailable when what counts cannot be trusted", async () => {
    const rateLimits = { ...services.rateLimits, take: () => Promise.reject(new StoreUnavailable("gone")) };
    expect(await run({ snapshot: limited({ windows: [twice] }), services: { rateLimits } })).to.include({ nexted: false, status: 503, code: "store_unavailable" });
  });

  it("refuses parameters that are none", () => {
    return runPolicy(rateLimit, { parameters: { header: true } }).then(
      () => expect.fail("it took them"),
      (error: Error) => expect(error.message).to.include("header"),
    );
  });
});
