import { expect } from "chai";
import { once } from "node:events";
import { cp } from "node:fs/promises";
import http2 from "node:http2";
import http from "node:http";
import https from "node:https";
import path from "node:path";
import { readRequests, startRawConnections, deadUrl, TEST_CERTIFICATE, type TestServer } from "../../core/adapters/upstream/testServers";
import { chatBody, type ApiError } from "../support/apiCall";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { prepareLumen, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";
import { describeBehindNginx, startNginx, type NginxServer } from "./nginxServer";

const METRICS_TOKEN = "metrics-token";
const portOf = (url: string) => Number(new URL(url).port);

describeBehindNginx("two nodes behind deploy/nginx.conf", function () {
  this.timeout(120_000);
  let upstream: FakeUpstream;
  let nodes: [LumenProcess, LumenProcess];
  let proxy: NginxServer;
  let key: string;

  before(async () => {
    upstream = await startFakeUpstream();
    const config = testConfig({ urls: [upstream.url], more: { server: { trust_proxy: true, body_limit_mb: 25 }, api: { prometheus: { enabled: true, token: METRICS_TOKEN } } } });
    const node = () => prepareLumen({ config, env: { LUMEN_PEPPER: "one pepper for both nodes" } });
    nodes = [await node(), await node()];
    // Both know the key: the second begins as a copy of the first.
    key = await nodes[0].newKey("bot");
    await cp(path.join(nodes[0].folder, "data"), path.join(nodes[1].folder, "data"), { recursive: true });
    await Promise.all(nodes.map((lumen) => lumen.start()));
    proxy = await startNginx([portOf(nodes[0].url), portOf(nodes[1].url)]);
  });
  beforeEach(() => upstream.always(async (_request, respond) => respond.json(200, { choices: [{ index: 0, message: { role: "assistant", content: "well" }, finish_reason: "stop" }], usage: { prompt_tokens: 1, completion_tokens: 1 } })));
  after(async () => {
    await (proxy as NginxServer | undefined)?.close();
    await Promise.all(nodes.map((lumen) => lumen.remove()));
    await upstream.close();
  });

  const send = (base: string, target: string, options: https.RequestOptions = {}) =>
    (base.startsWith("https:") ? https : http).request(base, { ca: TEST_CERTIFICATE, agent: false, path: target, ...options, headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...(options.headers as object) } });
  const answerOf = async (request: http.ClientRequest): Promise<http.IncomingMessage> => ((await once(request, "response")) as [http.IncomingMessage])[0];
  const readAll = async (answer: AsyncIterable<Buffer>): Promise<string> => {
    let text = "";
    for await (const chunk of answer) text += chunk.toString();
    return text;
  };
  const chat = async (base: string, body: unknown, options: https.RequestOptions = {}) => {
    const request = send(base, "/v1/chat/completions", { method: "POST", ...options });
    request.end(JSON.stringify(body));
    const answer = await answerOf(request);
    return { status: answer.statusCode, headers: answer.headers, text: await readAll(answer) };
  };
  /** Streams one delta, waits at the gate, and ends. */
  const heldStream = () => {
    const gate = createGate();
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("one ");
      await gate.opened;
      await respond.delta("two");
      await respond.finish();
      await respond.usage(1, 2);
      await respond.done();
    });
    return gate;
  };

  it("gives the first event of a stream on before the last was sent", async () => {
    const gate = heldStream();
    const request = send(proxy.url, "/v1/chat/completions", { method: "POST" });
    request.end(JSON.stringify(chatBody("m", "x", { stream: true })));
    const answer = await answerOf(request);
    const [first] = (await once(answer, "data")) as [Buffer];
    expect(first.toString()).to.contain("one ");
    gate.open();
    expect(await readAll(answer)).to.contain("two").and.to.match(/data: \[DONE\]\n\n$/);
  });

  it("does so over HTTP/2, which browsers speak", async () => {
    const gate = heldStream();
    const session = http2.connect(proxy.url, { ca: TEST_CERTIFICATE });
    const stream = session.request({ ":method": "POST", ":path": "/v1/chat/completions", authorization: `Bearer ${key}`, "content-type": "application/json" });
    stream.end(JSON.stringify(chatBody("m", "x", { stream: true })));
    const [first] = (await once(stream, "data")) as [Buffer];
    expect(first.toString()).to.contain("one ");
    gate.open();
    expect(await readAll(stream)).to.match(/data: \[DONE\]\n\n$/);
    session.close();
  });

  it("tells the model server that a caller has left (C3)", async () => {
    const gate = heldStream();
    const asked = upstream.requests.length;
    const request = send(proxy.url, "/v1/chat/completions", { method: "POST" });
    request.end(JSON.stringify(chatBody("m", "x", { stream: true })));
    await once(await answerOf(request), "data");
    request.destroy();
    await upstream.requests[asked]!.closed;
    gate.open();
  });

  it("lets 20 MB through whole, and leaves it to the node to refuse what is too large, as JSON", async () => {
    const content = "long ".repeat(4_000_000);
    const { status } = await chat(proxy.url, chatBody("m", content));
    expect(status).to.equal(200);
    expect(upstream.requests.at(-1)!.body.includes(content)).to.equal(true);
    for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
      const refused = await chat(proxy.url, chatBody("m", content + content), { headers });
      expect(refused.status).to.equal(413);
      expect((JSON.parse(refused.text) as ApiError).error.code).to.equal("request_too_large");
    }
  });

  it("passes refusals on in their words and headers", async () => {
    const { status, headers, text } = await chat(proxy.url, chatBody("m"), { headers: { authorization: "Bearer sk_wrong" } });
    expect(status).to.equal(401);
    expect((JSON.parse(text) as ApiError).error.code).to.equal("invalid_api_key");
    expect(headers["x-request-id"]).to.be.a("string");
    expect(headers["strict-transport-security"]).to.match(/^max-age=\d+/);
  });

  it("says who calls, whatever a caller says of itself (W84)", async () => {
    const { headers } = await chat(proxy.url, chatBody("m"), { headers: { "x-forwarded-for": "203.0.113.9", forwarded: "for=203.0.113.9" } });
    const id = String(headers["x-request-id"]);
    const line = await Promise.race(nodes.map((lumen) => lumen.printed(`"request_id":"${id}"`)));
    expect(JSON.parse(line)).to.include({ from: "127.0.0.1" });
    const page = await answerOf(send(proxy.url, "/sign-in", { headers: { "x-forwarded-proto": "http" } }).end());
    page.resume();
    expect(page.headers["set-cookie"]?.every((cookie) => /; ?Secure/i.test(cookie))).to.equal(true);
  });

  it("keeps /metrics to itself, however it is spelt", async () => {
    const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
    const status = async (base: string, target: string) => {
      const answer = await answerOf(send(base, target, { headers }).end());
      return { status: answer.statusCode, text: await readAll(answer) };
    };
    expect((await status(nodes[0].url, "/metrics")).text).to.contain("lumen_requests_total");
    for (const target of ["/metrics", "/metrics/", "/METRICS", "//metrics", "/%6detrics", "/metrics?x=1", "/x/../metrics", "/./metrics"]) {
      const answer = await status(proxy.url, target);
      expect(answer.text, target).not.to.contain("lumen_requests_total");
      expect(answer.status, target).to.equal(404);
    }
  });

  it("answers the probes of the manifests, on both nodes", async () => {
    for (const { url } of nodes) for (const target of ["/healthz", "/readyz"]) expect((await fetch(`${url}${target}`)).status).to.equal(200);
  });

  it("sends whoever comes without TLS to where there is some", async () => {
    const answer = await answerOf(send(proxy.plainUrl, "/sign-in?x=1").end());
    answer.resume();
    expect(answer.statusCode).to.equal(301);
    expect(answer.headers.location).to.match(/^https:\/\/127\.0\.0\.1\/sign-in\?x=1$/);
  });

  describe("with a node that is broken", () => {
    let other: NginxServer;
    let broken: TestServer | undefined;
    afterEach(async () => {
      await other.close();
      await broken?.close();
      broken = undefined;
    });

    it("takes the other one where no connection comes about", async () => {
      other = await startNginx([portOf(await deadUrl()), portOf(nodes[1].url)]);
      for (let call = 0; call < 5; call++) expect((await chat(other.url, chatBody("m"))).status).to.equal(200);
    });

    it("sends no call twice", async () => {
      let calls = 0;
      broken = await startRawConnections((socket) => readRequests(socket, { onHead: () => calls++, onWhole: () => socket.destroy() }));
      const { port } = broken;
      other = await startNginx([port, port]);
      expect((await chat(other.url, chatBody("m"))).status).to.equal(502);
      expect(calls).to.equal(1);
    });
  });
});
