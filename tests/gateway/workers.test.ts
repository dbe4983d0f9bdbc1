import { expect } from "chai";
import { readFileSync } from "node:fs";
import { chatBody } from "../support/apiCall";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { answerWell } from "../support/fakeUpstreamAnswers";
import { heldAt } from "../support/heldStreams";
import { prepareLumen, startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { signedIn } from "../support/pageVisitor";
import { createStoreDatabase, describeOnPostgres, type TestDatabase } from "../support/postgresDatabases";
import { testConfig } from "../support/testConfig";

const WORKERS = 2;
const LIMIT = 60;
const TOKEN = "metrics-token";
/** Each request on a connection of its own: the other worker's turn. */
const OWN_CONNECTION = { connection: "close" };

describeOnPostgres("a node of two workers", function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let gate: ReturnType<typeof createGate>;

  before(async () => {
    database = await createStoreDatabase();
    gate = createGate();
    gate.open();
    const well = answerWell();
    upstream = await startFakeUpstream((request, respond) => {
      const isStream = request.method !== "GET" && (request.json() as { stream?: boolean }).stream === true;
      return (isStream ? heldAt(gate) : well)(request, respond);
    });
    lumen = await startLumenProcess({
      env: { LUMEN_STORE_URL: database.url },
      config: testConfig({
        urls: [upstream.url],
        more: {
          server: { workers: WORKERS, grace_seconds: 20 }, api: { prometheus: { enabled: true, token: TOKEN }, consent: false },
          rate_limiting: { limit: [`${LIMIT} per hour`], concurrent: 4 }, users: { default: { max: 100, refresh: 0, starting: 100 } },
        },
      }),
    });
  });
  afterEach(() => gate.open());
  after(async () => {
    await lumen?.remove();
    await upstream?.close();
    await database?.drop();
  });

  const workerPids = () => readFileSync(`/proc/${lumen.child.pid}/task/${lumen.child.pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  const call = (key: string, body: object = chatBody("m", "x")) =>
    fetch(`${lumen.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, ...OWN_CONNECTION }, body: JSON.stringify(body) });
  const statusOf = async (answer: Promise<Response>) => {
    const { status } = await answer.then(async (response) => ({ status: response.status, text: await response.text() }));
    return status;
  };
  /** Calls until every worker knows the key: others hear of it by the change feed. @returns how many were answered */
  const known = async (key: string) => {
    let answered = 0;
    for (let inRow = 0; inRow < 2 * WORKERS; ) {
      const status = await statusOf(call(key));
      if (status !== 200 && status !== 401) throw new Error(`answered with ${status}`);
      inRow = status === 200 ? inRow + 1 : 0;
      answered += status === 200 ? 1 : 0;
    }
    return answered;
  };
  const countOf = async (name: string) => {
    const text = await fetch(`${lumen.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}`, ...OWN_CONNECTION } }).then((response) => response.text());
    return text.split("\n").filter((line) => line.startsWith(name)).map((line) => Number(line.split(" ").at(-1))).reduce((sum, count) => sum + count, 0);
  };

  it("says once that it is ready and who may sign in first, and each log line tells its worker", () => {
    expect(lumen.output().match(/Lumen is ready at/g)).to.have.length(1);
    expect(lumen.output().match(/Sign in once as/g)).to.have.length(1);
    expect(workerPids()).to.have.length(WORKERS);
  });

  it("holds one limit over both, and /metrics is the sum whichever answers", async () => {
    const key = await lumen.newKey("bot");
    let ok = await known(key);
    let refused = 0;
    while (refused === 0) {
      const statuses = await Promise.all([call(key), call(key), call(key)].map(statusOf));
      ok += statuses.filter((status) => status === 200).length;
      refused += statuses.filter((status) => status === 429).length;
    }
    expect(ok).to.equal(LIMIT);
    await lumen.printed(/"worker":1.*"msg":"exchange"/);
    await lumen.printed(/"worker":2.*"msg":"exchange"/);
    const series = 'lumen_requests_total{model="m",operation="chat",status="2xx"}';
    // A request is counted when its caller has all of it, or a moment later.
    while ((await countOf(series)) < LIMIT);
    const counts = await Promise.all(Array.from({ length: 2 * WORKERS }, () => countOf(series)));
    expect(counts).to.deep.equal(counts.map(() => LIMIT));
    expect(await lumen.json("usage", "--client", "bot")).to.include({ requests: LIMIT });
  });

  it("lets so many run at once over both", async () => {
    const key = await lumen.newKey("runner");
    await known(key);
    gate = createGate();
    const streams = await Promise.all(Array.from({ length: 8 }, () => call(key, chatBody("m", "x", { stream: true }))));
    expect(streams.filter(({ status }) => status === 200)).to.have.length(4);
    gate.open();
    const texts = await Promise.all(streams.map((answer) => answer.text()));
    expect(texts.filter((text) => text.endsWith("data: [DONE]\n\n"))).to.have.length(4);
  });

  it("shows an answer of the chat as it grows, whichever of them is asked", async () => {
    const ada = await signedIn(lumen, "ada@example.org");
    gate = createGate();
    const { status, location = "" } = await ada.post("/chat", { text: "Count.", model: "m" }, OWN_CONNECTION);
    expect(status).to.equal(303);
    const pages = await Promise.all(Array.from({ length: 2 * WORKERS }, () => ada.get(location, OWN_CONNECTION)));
    const [, events = ""] = /"(\/chat\/[^"]+\/events\/[^"]+)"/.exec(pages[0]?.html ?? "") ?? [];
    for (const { html } of pages) expect(html, "it runs on both").to.contain(events).and.not.to.contain("interrupted");
    const hear = async () => {
      const answer = await fetch(lumen.url + events, { headers: { cookie: ada.cookieHeader(), ...OWN_CONNECTION } });
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      const until = async (what: string) => {
        for (;;) {
          if (text.includes(what)) return text;
          const { done, value } = await reader.read();
          if (done) throw new Error(`it ended before '${what}':\n${text}`);
          text += value;
        }
      };
      await until("one");
      return until;
    };
    const readers = await Promise.all(Array.from({ length: 2 * WORKERS }, hear));
    gate.open();
    const heard = await Promise.all(readers.map((until) => until("event: end")));
    for (const text of heard) expect(text).to.contain("two");
    const after = await Promise.all(Array.from({ length: 2 * WORKERS }, () => ada.get(`${location}/export.json`, OWN_CONNECTION)));
    for (const { html } of after) expect((JSON.parse(html) as { messages: object[] }).messages.at(-1)).to.include({ text: "one two", status: "done" });
  });

  it("starts a worker again that was killed, and serves all the while", async () => {
    const key = await lumen.newKey("survivor");
    await known(key);
    const [first = 0, second] = workerPids();
    process.kill(first, "SIGKILL");
    await lumen.printed("a worker was started again");
    expect(workerPids()).to.have.length(WORKERS).and.to.include(second).and.not.to.include(first);
    await known(key);
    expect(lumen.output().match(/Sign in once as/g), "nobody is invited twice").to.have.length(1);
    expect((await lumen.cli("client", "list")).code, "the command line is served again").to.equal(0);
  });

  it("finishes the streams of both when it is told to stop, and ends with 0", async () => {
    const key = await lumen.newKey("last");
    await known(key);
    gate = createGate();
    const streams = await Promise.all(Array.from({ length: 4 }, () => call(key, chatBody("m", "x", { stream: true }))));
    const pids = workerPids();
    const stopped = lumen.stop();
    gate.open();
    for (const text of await Promise.all(streams.map((answer) => answer.text()))) expect(text).to.contain("two").and.to.match(/data: \[DONE\]\n\n$/);
    expect(await stopped).to.equal(0);
    for (const pid of pids) expect(() => process.kill(pid, 0)).to.throw("ESRCH");
    expect((await lumen.cli("ledger", "verify")).stdout).to.contain("exact").and.to.contain("0 open holds");
  });
});

describe("several workers on the embedded store", () => {
  it("are refused at the start, with what to do", async () => {
    const lumen = await prepareLumen({ config: testConfig({ more: { server: { workers: 2 } } }), env: { LUMEN_STORE_URL: "" } });
    const error = await lumen.start().then(() => undefined, (cause: Error) => cause);
    await lumen.remove();
    expect(error?.message).to.match(/embedded store is owned by one process\. Set server\.workers to 1, or store\.url to a PostgreSQL/);
  });
});
