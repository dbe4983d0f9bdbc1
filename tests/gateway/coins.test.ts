import { expect } from "chai";
import { callApi, chatBody, type ApiError } from "../support/apiCall";
import { answerWell, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

interface Usage {
  readonly requests: number;
  readonly tokens: number;
  readonly coins: string;
  readonly uncollected: string;
}

describe("coins, through the whole pipeline", () => {
  let upstream: FakeUpstream;
  let lumen: LumenProcess | undefined;

  before(async () => {
    upstream = await startFakeUpstream();
  });
  after(() => upstream.close());
  afterEach(async () => {
    await lumen?.remove();
    lumen = undefined;
  });

  const serve = async (options: { model: Record<string, unknown>; max: string; usage: { promptTokens: number; completionTokens: number } }) => {
    upstream.always(answerWell(options.usage));
    const clients = { default: { max: options.max, refresh: 0, model_access: { default: "whitelist" } } };
    lumen = await startLumenProcess({ config: testConfig({ urls: [upstream.url], model: options.model, clients }) });
    return { lumen, key: await lumen.newKey("bot") };
  };
  const exactBooks = async (of: LumenProcess) => {
    const verified = await of.cli("ledger", "verify");
    expect(verified.stdout + verified.stderr).to.contain("exact");
    expect(verified.code).to.equal(0);
  };

  it("M2: 1,000 tokens in at 0.5 and 300 out at 1.0 cost exactly 0.0008 coins", async () => {
    const { lumen, key } = await serve({ model: {}, max: "1", usage: { promptTokens: 1_000, completionTokens: 300 } });
    const answer = await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m") });
    expect(answer.status).to.equal(200);
    expect(answer.headers.get("x-lumen-cost")).to.equal("0.0008");
    expect(await lumen.json<Usage>("usage", "--client", "bot")).to.include({ requests: 1, tokens: 1_300, coins: "0.0008" });
    await exactBooks(lumen);
  });

  it("M1: a thousand calls of one token at 0.05 cost exactly 0.00005 coins", async () => {
    const { lumen, key } = await serve({
      model: { input_cost_per_million: 0, output_cost_per_million: "0.05" }, max: "1", usage: { promptTokens: 1, completionTokens: 1 },
    });
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m", "x", { max_tokens: 1 }) })));
      expect(answers.every((answer) => answer.status === 200)).to.equal(true);
    }
    expect(await lumen.json<Usage>("usage", "--client", "bot")).to.include({ requests: 1_000, coins: "0.00005" });
    await exactBooks(lumen);
  });

  it("H2: of 500 parallel calls on a pool that pays for 37, exactly 37 succeed", async () => {
    const { lumen, key } = await serve({
      model: { input_cost_per_million: 0, output_cost_per_million: 1 }, max: "0.000037", usage: { promptTokens: 5, completionTokens: 1 },
    });
    const answers = await Promise.all(
      Array.from({ length: 500 }, () => callApi<ApiError>(lumen.url, "/v1/chat/completions", { key, body: chatBody("m", "x", { max_tokens: 1 }) })),
    );
    const refused = answers.filter((answer) => answer.status !== 200);
    expect(answers.length - refused.length).to.equal(37);
    for (const answer of refused) {
      expect(answer.status).to.equal(429);
      expect(answer.json.error).to.include({ type: "insufficient_quota", code: "insufficient_quota" });
      expect(answer.headers.get("x-should-retry")).to.equal("false");
    }
    expect(await lumen.json<Usage>("usage", "--client", "bot")).to.include({ requests: 37, coins: "0.000037", uncollected: "0" });
    await exactBooks(lumen);
  });

  it("H3: an upstream that reports more input than the prompt has bytes cannot bring the pool below 0", async () => {
    const { lumen, key } = await serve({ model: {}, max: "0.01", usage: { promptTokens: 15_000, completionTokens: 1 } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m", "x", { max_tokens: 1 }) })));
    const served = answers.filter((answer) => answer.status === 200).length;
    expect(served).to.be.greaterThan(1);
    const me = await callApi<{ pool: { balance: string } }>(lumen.url, "/v1/me", { key });
    expect(me.json.pool.balance).to.equal("0");
    const usage = await lumen.json<Usage>("usage", "--client", "bot");
    expect(usage.requests).to.equal(served);
    expect(usage.uncollected).not.to.equal("0");
    await exactBooks(lumen);
  });

  it("P1: no pool, and a blocked one, refuse every call with 403", async () => {
    lumen = await startLumenProcess({
      config: testConfig({ urls: [upstream.url], clients: { none: { model_access: { default: "whitelist" } }, blocked: { max: 0, model_access: { default: "whitelist" } } } }),
    });
    for (const name of ["none", "blocked"]) {
      const answer = await callApi<ApiError>(lumen.url, "/v1/chat/completions", { key: await lumen.newKey(name), body: chatBody("m") });
      expect(answer.status).to.equal(403);
      expect(answer.json.error.code).to.equal("no_budget");
    }
  });

  it("P7: a grant is there for the next call, and a take leaves nothing below 0", async () => {
    const { lumen, key } = await serve({ model: {}, max: "0.0000001", usage: { promptTokens: 10, completionTokens: 1 } });
    const call = () => callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m", "x", { max_tokens: 1 }) });
    expect((await call()).status).to.equal(429);
    await lumen.json("coins", "grant", "--client", "bot", "--amount", "1", "--reason", "test");
    expect((await call()).status).to.equal(200);
    await lumen.json("coins", "take", "--client", "bot", "--amount", "100", "--reason", "test");
    expect((await call()).status).to.equal(429);
    await exactBooks(lumen);
  });
});
