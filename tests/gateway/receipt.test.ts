import { expect } from "chai";
import type { Receipt } from "../../core/services/receipt";
import { callApi, chatBody } from "../support/apiCall";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { heldAt } from "../support/heldStreams";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

describe("the receipt of a call", () => {
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let key: string;

  before(async () => {
    upstream = await startFakeUpstream();
    lumen = await startLumenProcess({ config: testConfig({ urls: [upstream.url], endpoint: { model: "upstream-name" } }) });
    key = await lumen.newKey("bot");
  });
  after(async () => {
    await lumen.remove();
    await upstream.close();
  });

  const receiptOf = (id: string | null, as = key) => callApi<Receipt>(lumen.url, `/v1/requests/${id}`, { key: as });

  it("W80: has what the answer said it cost, without the address of the model server", async () => {
    const answer = await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m") });
    const { status, json, text } = await receiptOf(answer.headers.get("x-request-id"));
    expect(status).to.equal(200);
    expect(json).to.deep.include({ status: "completed", http_status: 200, model: "m", operation: "chat", cost: answer.headers.get("x-lumen-cost"), flags: [] });
    expect(json.usage).to.include({ input_tokens: 10, output_tokens: 5 });
    expect(json.endpoint).to.have.property("model", "upstream-name");
    expect(text).not.to.contain(String(upstream.port)).and.not.to.contain("127.0.0.1");
  });

  it("W80: says running and what is held while a stream runs, and what it came to when it is over", async () => {
    const gate = createGate();
    upstream.next(heldAt(gate));
    const answer = await fetch(`${lumen.url}/v1/chat/completions`, {
      method: "POST", headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(chatBody("m", "x", { stream: true })),
    });
    const id = answer.headers.get("x-request-id");
    const running = (await receiptOf(id)).json;
    expect(running).to.include({ status: "running", cost: null });
    expect(Number(running.held)).to.be.greaterThan(0);
    gate.open();
    await answer.text();
    expect((await receiptOf(id)).json).to.include({ status: "completed", held: "0", cost: "0.000007" });
  });

  it("W80: is for its owner alone, over all of the owner's keys; the command line reads anybody's", async () => {
    const answer = await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m") });
    const id = answer.headers.get("x-request-id") ?? "";
    const { key: second } = await lumen.json<{ key: string }>("key", "create", "--client", "bot", "--name", "second");
    const stranger = await lumen.newKey("stranger");
    expect((await receiptOf(id, second)).status).to.equal(200);
    expect((await receiptOf(id, stranger)).status).to.equal(404);
    expect((await callApi(lumen.url, `/v1/requests/${id}`)).status).to.equal(401);
    expect(await lumen.json<Receipt>("receipt", id)).to.include({ id, status: "completed" });
    expect((await lumen.cli("receipt", id)).stdout).to.contain("completed (200)").and.to.contain("upstream-name");
    expect(await lumen.cli("receipt", "nonsense")).to.include({ code: 1 });
  });
});
