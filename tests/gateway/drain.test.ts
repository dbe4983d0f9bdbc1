import { expect } from "chai";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { chatBody } from "../support/apiCall";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { heldAt } from "../support/heldStreams";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

const STREAMS = 200;

describe("stopping while 200 streams run", function () {
  this.timeout(180_000);
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let gate: ReturnType<typeof createGate>;

  beforeEach(async () => {
    gate = createGate();
    upstream = await startFakeUpstream(heldAt(gate));
  });
  afterEach(async () => {
    gate.open();
    await lumen.remove();
    await upstream.close();
  });

  /** Every stream with its first event read. */
  const open = async (graceSeconds: number) => {
    lumen = await startLumenProcess({ config: testConfig({ urls: [upstream.url], more: { server: { grace_seconds: graceSeconds } } }) });
    await lumen.json("client", "create", "bot");
    const { id, key } = await lumen.json<{ id: string; key: string }>("key", "create", "--client", "bot", "--name", "test");
    const streams = await Promise.all(Array.from({ length: STREAMS }, async () => {
      const answer = await fetch(`${lumen.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(chatBody("m", "x", { stream: true })) });
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      const first = await reader.read();
      return { first: first.value ?? "", rest: restOf(reader) };
    }));
    return { streams, keyId: id };
  };

  const restOf = async (reader: ReadableStreamDefaultReader<string>): Promise<string> => {
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += value;
    }
  };

  const dial = (): Promise<Socket | string> => {
    const { hostname, port } = new URL(lumen.url);
    const socket = connect(Number(port), hostname);
    return once(socket, "connect").then(() => socket, (error: NodeJS.ErrnoException) => error.code ?? "");
  };

  /** Resolves once nobody new gets in. */
  const refuses = async (): Promise<void> => {
    for (;;) {
      const late = await dial();
      if (typeof late === "string") return void expect(late).to.be.oneOf(["ECONNREFUSED", "ECONNRESET"]);
      late.destroy();
    }
  };

  /** Asked through the command line, on the folder that the process left. */
  const booked = async () => ({ usage: await lumen.json<{ requests: number; coins: string }>("usage", "--client", "bot"), proof: (await lumen.cli("ledger", "verify")).stdout });

  it("W41, W86: no stream ends before it is whole, readiness says no, nobody new gets in, and every settlement is in the books", async () => {
    const { streams } = await open(170);
    // A request whose head is not whole yet keeps its connection.
    const early = (await dial()) as Socket;
    early.write("GET /readyz HTTP/1.1\r\nHost: x\r\n");
    const stopped = lumen.stop();
    await refuses();
    early.setEncoding("utf8").write("\r\n");
    const [said] = (await once(early, "data")) as [string];
    expect(said).to.match(/^HTTP\/1\.1 503 /).and.to.contain('"status":"stopping"');
    gate.open();
    const rests = await Promise.all(streams.map(({ rest }) => rest));
    expect(rests.every((text) => text.includes("two") && text.endsWith("data: [DONE]\n\n") && !text.includes('"error"'))).to.equal(true);
    expect(await stopped).to.equal(0);
    const { usage, proof } = await booked();
    expect(usage).to.include({ requests: STREAMS, coins: "0.0014" });
    expect(proof).to.contain("exact").and.to.contain("0 open holds");
  });

  it("W43, K3: a key that is revoked during the grace ends its streams, and the stop with them", async () => {
    const { streams, keyId } = await open(170);
    const ends = Promise.allSettled(streams.map(({ rest }) => rest));
    const stopped = lumen.stop();
    await refuses();
    await lumen.json("key", "revoke", keyId);
    expect((await ends).filter(({ status }) => status !== "rejected")).to.deep.equal([]);
    expect(await stopped).to.equal(0);
    const { usage, proof } = await booked();
    expect(usage.requests).to.equal(STREAMS);
    expect(Number(usage.coins)).to.be.greaterThan(0);
    expect(proof).to.contain("exact").and.to.contain("0 open holds");
  });

  it("W86, C5: after the grace each stream is ended with an error event, and charged for what was produced", async () => {
    const { streams } = await open(0.3);
    expect(streams.every(({ first }) => first.includes("one "))).to.equal(true);
    const stopped = lumen.stop();
    const rests = await Promise.all(streams.map(({ rest }) => rest));
    const wrong = rests.filter((text) => !/"code":"shutting_down"\}\}\n\ndata: \[DONE\]\n\n$/.test(text));
    expect(wrong).to.deep.equal([]);
    expect(await stopped).to.equal(0);
    const { usage, proof } = await booked();
    expect(usage.requests).to.equal(STREAMS);
    expect(Number(usage.coins)).to.be.greaterThan(0);
    expect(proof).to.contain("exact").and.to.contain("0 open holds");
    await lumen.start();
    expect((await lumen.cli("ledger", "verify")).stdout).to.contain(`${STREAMS} settled`).and.to.contain("0 open holds");
  });
});
