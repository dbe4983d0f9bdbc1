import { expect } from "chai";
import fc from "fast-check";
import { fuzzCall, send, type FuzzCall } from "./support/fuzzCall";
import { scriptedServer } from "./support/fuzzServer";
import { CHAT, wireBench } from "./support/wireBench";

const RUNS = Number(process.env["LUMEN_FUZZ_RUNS"] ?? 300);
/** The same calls in every run of the tests; others by `npm run test:fuzz`. */
const SEED = Number(process.env["LUMEN_FUZZ_SEED"] ?? (RUNS === 300 ? 1 : Date.now() % 2 ** 31));
const AT_ONCE = 20;

describe("the wire: whatever is sent, and whatever comes back", function () {
  this.timeout(60_000 + RUNS * 200);
  const bench = wireBench({
    env: { LUMEN_LOG_LEVEL: "error" },
    config: ({ url }) => ({ endpoint: { timeouts: { headers_seconds: 0.5, idle_seconds: 0.5 } }, models: [{ name: "quick", endpoints: [{ url, timeouts: { headers_seconds: 0.5, idle_seconds: 0.5 } }] }] }),
  });

  it(`W12, W17, W27, C7: ${RUNS} calls (LUMEN_FUZZ_SEED=${SEED}): no 500, nothing hangs, nothing leaks, exact books`, async () => {
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
    // A call that is still counted, or a connection that is still held, would keep the process from ending before its grace is over.
    const stopping = performance.now();
    expect(await bench.lumen.stop()).to.equal(0);
    expect(performance.now() - stopping).to.be.lessThan(15_000);
    await bench.lumen.start();
  });

  async function statusOf(call: FuzzCall): Promise<number> {
    const { status } = await send(bench, call);
    expect(status, JSON.stringify(call)).not.to.equal(500);
    return status;
  }
});
