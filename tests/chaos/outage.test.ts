import { expect } from "chai";
import { setTimeout as pause } from "node:timers/promises";
import { chatBody } from "../support/apiCall";
import { answerWell, createGate, startFakeUpstream } from "../support/fakeUpstream";
import { heldAt } from "../support/heldStreams";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { createDatabase } from "../support/postgresDatabases";
import { describeOnOwnPostgres, startPostgresServer } from "../support/postgresServer";
import { readProvenBooks } from "../support/provenBooks";
import { testConfig } from "../support/testConfig";
import { until } from "../support/until";

/** `npm run test:chaos` sets 30. */
const SECONDS = Number(process.env["LUMEN_OUTAGE_SECONDS"] ?? 4);
const STREAMS = 60;
const CALLERS = 8;

describeOnOwnPostgres(`PostgreSQL away for ${SECONDS} s under load`, function () {
  this.timeout(180_000);
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const call = (lumen: LumenProcess, key: string, more: Readonly<Record<string, unknown>>) =>
    fetch(`${lumen.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(chatBody("m", "x", more)) });

  it("H6: new calls get 503 with Retry-After, running ones go on to their end and are in the books once, and it serves again by itself", async () => {
    const server = await startPostgresServer({ durable: true });
    closers.push(() => server.close());
    const gate = createGate();
    closers.push(async () => gate.open());
    const well = answerWell({ promptTokens: 1, completionTokens: 1 });
    const held = heldAt(gate);
    const upstream = await startFakeUpstream((request, respond) => (request.json()["stream"] ? held : well)(request, respond));
    closers.push(() => upstream.close());
    const { url } = await createDatabase(server);
    const lumen = await startLumenProcess({ config: testConfig({ urls: [upstream.url] }), env: { LUMEN_STORE_URL: url } });
    closers.push(() => lumen.remove());
    const key = await lumen.newKey("bot");
    const paid: string[] = [];

    const streams = await Promise.all(Array.from({ length: STREAMS }, async () => {
      const answer = await call(lumen, key, { stream: true });
      paid.push(answer.headers.get("x-request-id") ?? "");
      return answer;
    }));
    await server.stop("kill");

    const seen = { refused: 0, other: new Set<number>() };
    let away = true;
    const caller = async (): Promise<void> => {
      while (away) {
        const answer = await call(lumen, key, { max_tokens: 1 });
        const { error } = (await answer.json()) as { error?: { code: string } };
        if (answer.status !== 503 || error?.code !== "store_unavailable" || !answer.headers.has("retry-after")) seen.other.add(answer.status);
        else seen.refused += 1;
      }
    };
    const load = Promise.all(Array.from({ length: CALLERS }, caller));
    await pause(SECONDS * 500);
    gate.open();
    for (const answer of streams) expect(await answer.text()).to.match(/data: \[DONE\]\n\n$/);
    await pause(SECONDS * 500);
    away = false;
    await load;
    expect([...seen.other]).to.deep.equal([]);
    expect(seen.refused).to.be.greaterThan(CALLERS);

    await server.start();
    await until(async () => {
      const answer = await call(lumen, key, { max_tokens: 1 });
      await answer.text();
      if (answer.status === 200) paid.push(answer.headers.get("x-request-id") ?? "");
      return answer.status === 200;
    });
    expect(await lumen.stop()).to.equal(0);
    const { counts, expired } = await readProvenBooks(url);
    expect([...counts.keys()].sort()).to.deep.equal(paid.sort());
    expect(expired).to.equal(0);
  });
});
