import { expect } from "chai";
import fc from "fast-check";
import { fuzzCall, send, type FuzzCall } from "./support/fuzzCall";
import { scriptedServer } from "./support/fuzzServer";
import { CHAT, wireBench } from "./support/wireBench";

const RUNS = Number(process.env["LUMEN_FUZZ_RUNS"] ?? 300);
/** The same calls in every run of the tests; others by `npm run test:fuzz`. */
const SEED = Number(process.env["LUMEN_FUZZ_SEED"] ?? (RUNS === 300 ? 1 : Date.now() % 2 ** 31));
const AT_ONCE = 20;
const METRICS_TOKEN = "fuzz-metrics";
/** Servers are looked at once, not again: a connection that is open is a call's. */
const UNPROBED = { health: { interval_seconds: 3_600 } };
const IMPATIENT = { ...UNPROBED, timeouts: { headers_seconds: 0.5, idle_seconds: 0.5 } };
/** Longer than an idle connection to a server is kept (W77). */
const AT_REST_WITHIN_MS = 15_000;

describe("the wire: whatever is sent, and whatever comes back", function () {
  this.timeout(60_000 + RUNS * 200);
  const bench = wireBench({
    env: { LUMEN_LOG_LEVEL: "error" },
    usual: UNPROBED,
    config: ({ url }) => ({
      endpoint: IMPATIENT, models: [{ name: "quick", endpoints: [{ ...IMPATIENT, url }] }],
      more: { api: { prometheus: { enabled: true, token: METRICS_TOKEN } } },
    }),
  });

  it(`W12, W17, W27, C7: ${RUNS} calls (LUMEN_FUZZ_SEED=${SEED}): no 500, nothing hangs, no socket and no count is left, exact books`, async () => {
    bench.upstream.always(scriptedServer);
    const calls = fc.sample(fuzzCall, { numRuns: RUNS, seed: SEED });
    let next = 0;
    const statuses = new Map<number, number>();
    const worker = async () => {
      for (let call = calls[next++]; call; call = calls[next++]) {
        const status = await statusOf(call);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect([...statuses.keys()].filter((status) => status === 500 || status > 504)).to.deep.equal([]);

    // It lives, and serves as if nothing had been.
    bench.upstream.always((_request, respond) => respond.json(200, { model: "m", choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }));
    expect((await bench.call({ body: CHAT })).status).to.equal(200);
    expect(bench.lumen.child.exitCode).to.equal(null);
    expect(bench.lumen.output()).not.to.match(/nobody (heard|caught)|failed in the host|policy neither/);
    await bench.booksAreExact();
    expect(await atRest()).to.deep.equal({ sockets: 0, requests: 0, waiting: 0, holds: 0, running: 0 });
    // A call that is still counted, or a connection that is still held, would keep the process from ending before its grace is over.
    const stopping = performance.now();
    expect(await bench.lumen.stop()).to.equal(0);
    expect(performance.now() - stopping).to.be.lessThan(15_000);
    await bench.lumen.start();
  });

  /** What the gateway still holds of calls that are over, once no connection is open or the time is up. */
  async function atRest(): Promise<Record<string, number>> {
    const ends = performance.now() + AT_REST_WITHIN_MS;
    for (;;) {
      const { sockets } = await bench.lumen.held();
      if (sockets === 0 || performance.now() > ends) return { sockets, ...(await gauges()) };
    }
  }

  async function gauges(): Promise<Record<"requests" | "waiting" | "holds" | "running", number>> {
    const { body } = await bench.call({ method: "GET", path: "/metrics", key: METRICS_TOKEN });
    const sum = (name: string) => {
      const values = [...body.toString("utf8").matchAll(new RegExp(`^lumen_${name}(?:\\{.*\\})? (.*)$`, "gm"))].map(([, value]) => Number(value));
      expect(values, name).not.to.deep.equal([]);
      return values.reduce((all, value) => all + value, 0);
    };
    // The question itself is one that is in flight.
    return { requests: sum("requests_in_flight") - 1, waiting: sum("queue_waiting"), holds: sum("ledger_open_holds"), running: sum("endpoint_running") };
  }

  async function statusOf(call: FuzzCall): Promise<number> {
    const { status } = await send(bench, call);
    expect(status, JSON.stringify(call)).not.to.equal(500);
    return status;
  }
});
