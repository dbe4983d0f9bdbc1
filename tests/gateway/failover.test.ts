import { expect } from "chai";
import { callApi, chatBody } from "../support/apiCall";
import { startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

const CALLS = 1_000;
const AT_ONCE = 20;

describe("one endpoint of two is bad, and no caller notices", function () {
  this.timeout(60_000);
  let good: FakeUpstream;
  let bad: FakeUpstream;
  let lumen: LumenProcess;
  let key: string;

  beforeEach(async () => {
    good = await startFakeUpstream();
    bad = await startFakeUpstream();
    lumen = await startLumenProcess({ config: testConfig({ urls: [good.url, bad.url], endpoint: { timeouts: { headers_seconds: 1 } } }) });
    key = await lumen.newKey("bot");
  });
  afterEach(async () => {
    await lumen.remove();
    await Promise.all([good.close(), bad.close()]);
  });

  /** @returns how many of the calls were answered with anything but 200 */
  const run = async (onCall: (index: number) => void = () => undefined): Promise<number> => {
    let next = 0;
    let failures = 0;
    const worker = async () => {
      while (next < CALLS) {
        onCall(next++);
        const streamed = next % 2 === 0;
        const { status, text } = await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m", "x", streamed ? { stream: true } : {}) });
        if (status !== 200 || text.includes('"error"')) failures++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return failures;
  };

  const settledOnce = async () => {
    expect(await lumen.json("usage", "--client", "bot")).to.include({ requests: CALLS });
    expect((await lumen.cli("ledger", "verify")).stdout).to.contain("exact");
  };

  it("it refuses connections", async () => {
    await bad.refuse();
    expect(await run()).to.equal(0);
    await settledOnce();
  });

  it("it accepts and says nothing, with a headers limit of 1 s", async () => {
    bad.always(() => undefined);
    expect(await run()).to.equal(0);
    await settledOnce();
  });

  it("it is killed in the middle of the run, before its first byte", async () => {
    let killed = false;
    bad.always(async (_request, respond) => {
      if (killed || bad.requests.length < 100) return respond.json(200, { id: "x", object: "chat.completion", model: "m", choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }], usage: { prompt_tokens: 1, completion_tokens: 1 } });
      killed = true;
      await bad.refuse();
      return undefined;
    });
    expect(await run()).to.equal(0);
    expect(killed).to.equal(true);
    await settledOnce();
  });

  it("it sends half a head, or half a body, and dies", async () => {
    bad.always(async (_request, respond) => {
      if (bad.requests.length % 2 === 0) await respond.raw("HTTP/1.1 200 OK\r\ncontent-ty");
      else {
        await respond.head(200, { "content-type": "application/json", "content-length": 500 });
        await respond.body('{"id":"x","choi');
      }
      respond.cut();
    });
    expect(await run()).to.equal(0);
    await settledOnce();
  });
});
