import { readFile, writeFile } from "node:fs/promises";
import { expect } from "chai";
import { createGate } from "../support/fakeUpstream";
import { shipped } from "../support/testPlugin";
import { runRows } from "./support/rows";
import { CHAT, STREAM, wireBench } from "./support/wireBench";

describe("the wire: endpoints and operation", () => {
  const bench = wireBench({
    gatewayConfig: shipped("gateway.config.yml").replace("      - upstream-proxy:\n", "      - upstream-proxy:\n          - action: {ping_seconds: 0.3}\n"),
    config: ({ url }) => ({
      more: { api: { cors: { origins: [] } }, rate_limiting: { limit: ["100000 per minute", "5000 per second"] } },
      models: [{ name: "leaving", endpoints: [{ url, api_key: "leaving" }] }, { name: "narrow", max_concurrency: 1, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{ url }] }],
    }),
  });

  it("W31: silence after the head is filled with comments, between events only", async () => {
    const gate = createGate();
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("one");
      await respond.body('data: {"choices":[{"index":0,"delta"');
      await gate.opened;
      await respond.body(':{"content":"two"}}]}\n\n');
      await respond.finish();
      await respond.done();
    });
    const client = await bench.open();
    try {
      await client.send(bench.request({ body: STREAM }));
      await client.saw(": ping\n\n");
      gate.open();
      const events = (await client.answer()).body.toString().split("\n\n");
      expect(events.filter((event) => event !== ": ping").map((event) => event.slice(0, 6))).to.deep.equal(["data: ", "data: ", "data: ", "data: ", ""]);
      expect(events).to.include('data: {"choices":[{"index":0,"delta":{"content":"two"}}]}');
    } finally {
      client.leave();
    }
  });

  it("W33: connections to a server are kept", async () => {
    await bench.call();
    const before = bench.upstream.connections;
    for (let at = 0; at < 5; at++) await bench.call();
    expect(bench.upstream.connections).to.equal(before);
  });

  const BEHIND = { "another answer": 'HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{"id":"not"}', rubbish: '"more":"than it said"}' };
  for (const [what, behind] of Object.entries(BEHIND)) {
    for (const later of [false, true]) {
      it(`W33: ${what} that a server sends behind its own, ${later ? "later" : "with it"}, is in no other call`, async () => {
        const [mayGoOn, sent] = [createGate(), createGate()];
        bench.upstream.next(async (_request, respond) => {
          const own = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
          if (later) {
            await respond.raw(own);
            await mayGoOn.opened;
          }
          await respond.raw(later ? behind : own + behind);
          sent.open();
        });
        const first = await bench.call();
        expect(first.status).to.equal(!later && what === "rubbish" ? 502 : 200);
        mayGoOn.open();
        await sent.opened;
        // Until the gateway has answered this it has heard all that came before.
        await bench.call({ method: "GET", path: "/v1/me" });
        for (const id of ["one", "two"]) {
          bench.upstream.next((_request, respond) => respond.json(200, { id }));
          expect((await bench.call()).body.toString()).to.equal(JSON.stringify({ id }));
        }
      });
    }
  }

  it("W33: a connection of a caller is kept, and its calls are answered in their order", async () => {
    const client = await bench.open();
    try {
      await Promise.all(["/v1/models/free", "/v1/models/m", "/v1/me"].map((path) => client.send(bench.request({ method: "GET", path }))));
      const bodies = [];
      for (let at = 0; at < 3; at++) bodies.push((await client.answer("GET")).body.toString());
      expect(bodies[0]).to.contain('"id":"free"');
      expect(bodies[1]).to.contain('"id":"m"');
      expect(bodies[2]).to.contain('"balance"');
    } finally {
      client.leave();
    }
  });

  it("W34: refusals of a server do not count against it", async () => {
    for (let at = 0; at < 6; at++) {
      bench.upstream.next((_request, respond) => respond.json(400, { error: { message: "no" } }));
      expect((await bench.call()).status).to.equal(400);
    }
    expect((await bench.call({ method: "GET", path: "/v1/models/m" })).body.toString()).to.contain('"status":"ok"');
  });

  it("W34: calls alone never switch the last endpoint off", async () => {
    for (let at = 0; at < 6; at++) {
      bench.upstream.next((_request, respond) => respond.json(500, { error: { message: "no" } }));
      expect((await bench.call()).status).to.equal(502);
    }
    expect((await bench.call()).status).to.equal(200);
  });

  it("W36: a call for which there is no place waits in line, and is served", async () => {
    const gate = createGate();
    const body = { ...CHAT, model: "narrow" };
    bench.upstream.next(async (_request, respond) => {
      await gate.opened;
      await respond.json(200, { choices: [] });
    });
    const before = bench.upstream.requests.length;
    const [first, second] = [bench.call({ body }), bench.call({ body })];
    await bench.upstream.received();
    gate.open();
    expect([(await first).status, (await second).status]).to.deep.equal([200, 200]);
    expect(bench.upstream.requests.length).to.equal(before + 2);
  });

  runRows(bench, {
    "W40: the tightest window is told": { headers: { "x-ratelimit-limit-requests": "5000", "x-ratelimit-remaining-requests": /^\d+$/, "x-ratelimit-reset-requests": /^\d+s$/ } },
  });

  for (const path of ["/healthz", "/readyz"]) {
    it(`W39: ${path} is 200 without a key`, async () => {
      const answer = await bench.call({ method: "GET", path, key: null });
      expect(answer.status).to.equal(200);
      expect(answer.headers["cache-control"]).to.equal("no-store");
    });
  }

  runRows(bench, {
    "W42: OPTIONS that nobody answers is 405": { send: { method: "OPTIONS", key: null, headers: [["origin", "https://elsewhere.example"], ["access-control-request-method", "POST"]] }, status: 405, code: "method_not_allowed", headers: { "access-control-allow-origin": undefined } },
  });

  it("W38: a call keeps the configuration that it began with: an endpoint that is removed finishes its stream", async () => {
    const gate = createGate();
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("so far");
      await gate.opened;
      await respond.finish();
      await respond.done();
    });
    const client = await bench.open();
    try {
      await client.send(bench.request({ body: { ...STREAM, model: "leaving" } }));
      await client.saw("so far");
      const file = bench.lumen.configFile;
      await writeFile(file, (await readFile(file, "utf8")).replace("name: leaving", "name: other"));
      while ((await bench.call({ method: "GET", path: "/v1/models/leaving" })).status === 200);
      gate.open();
      expect((await client.answer()).body.toString()).to.match(/"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/s);
    } finally {
      client.leave();
    }
  });

  it("W41: a stream that runs when the gateway is told to stop comes to its end, and it is ready no more", async () => {
    const gate = createGate();
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("so far");
      await gate.opened;
      await respond.finish();
      await respond.done();
    });
    const client = await bench.open();
    await client.send(bench.request({ body: STREAM }));
    await client.saw("so far");
    const watcher = await bench.open();
    const readiness = async (): Promise<number> => {
      await watcher.send(bench.request({ method: "GET", path: "/readyz" }));
      return (await watcher.answer("GET")).status;
    };
    expect(await readiness()).to.equal(200);
    const stopped = bench.lumen.stop();
    let status = 200;
    while (status === 200) status = await readiness();
    // An idle connection may be closed before it has asked.
    expect(status).to.be.oneOf([503, 0]);
    gate.open();
    const answer = await client.answer();
    client.leave();
    expect(answer.whole).to.equal(true);
    expect(answer.body.toString()).to.match(/"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/s);
    expect(await stopped).to.equal(0);
    await bench.lumen.start();
  });
});
