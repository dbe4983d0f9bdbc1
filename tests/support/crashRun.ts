import { expect } from "chai";
import { chatBody } from "./apiCall";
import { answerWell, startFakeUpstream } from "./fakeUpstream";
import { startLumenProcess, type LumenProcess } from "./lumenProcess";
import { withStoreOf } from "./storeOf";
import { testConfig } from "./testConfig";

const CALLERS = 24;
const POOL_NANO = 5_000_000n;

/**
 * Kills a gateway with SIGKILL in the middle of a run, again and again, and after each kill reads the books that are left:
 * every 200 that a caller saw whole is there exactly once, and what was settled never exceeds the pool (docs/rules.md H2, H6).
 */
export async function crashRun(rounds: number): Promise<{ seen: number; booked: number }> {
  const upstream = await startFakeUpstream(answerWell({ promptTokens: 3, completionTokens: 1 }));
  const clients = { default: { max: "0.005", refresh: 0, model_access: { default: "whitelist" } } };
  const lumen = await startLumenProcess({ config: testConfig({ urls: [upstream.url], model: { input_cost_per_million: 0 }, clients }) });
  const seen = new Set<string>();
  let booked = 0;
  try {
    const key = await lumen.newKey("bot");
    for (let round = 0; round < rounds; round++) {
      if (round > 0) await lumen.start();
      await callUntilKilled(lumen, key, 100 + round * 13, seen);
      booked = await readBooks(lumen, seen);
    }
  } finally {
    await lumen.remove();
    await upstream.close();
  }
  return { seen: seen.size, booked };
}

/** Many callers at once; once so many calls were answered, the process is killed while the others are under way. */
async function callUntilKilled(lumen: LumenProcess, key: string, killAfter: number, seen: Set<string>): Promise<void> {
  let answered = 0;
  let killed: Promise<void> | undefined;
  const caller = async (index: number) => {
    while (!killed) {
      try {
        const streamed = index % 3 === 0;
        const answer = await fetch(`${lumen.url}/v1/chat/completions`, {
          method: "POST", headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(chatBody("m", "x", { max_tokens: 1, ...(streamed ? { stream: true } : {}) })),
        });
        const text = await answer.text();
        const whole = streamed ? text.endsWith("data: [DONE]\n\n") : text.endsWith("}");
        if (answer.status === 200 && whole) seen.add(answer.headers.get("x-request-id") ?? "");
        // An exhausted pool answers too: the kill comes all the same.
        if (++answered === killAfter) killed = lumen.kill();
      } catch {
        // Cut off by the kill: this caller saw nothing whole.
        if (!killed) throw new Error(`the gateway broke before it was killed:\n${lumen.output()}`);
      }
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, index) => caller(index)));
  await killed;
}

function readBooks(lumen: LumenProcess, seen: ReadonlySet<string>): Promise<number> {
  return withStoreOf(lumen, async (store) => {
    const books = await store.verifyBooks();
    expect(books.differences).to.deep.equal([]);
    expect(books.exact).to.equal(true);
    const counts = new Map<string, number>();
    let settled = 0n;
    let cursor: string | undefined;
    do {
      const page = await store.usage.entries({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
      for (const entry of page.rows) {
        counts.set(entry.id, (counts.get(entry.id) ?? 0) + 1);
        for (const charge of entry.charges) settled += charge.chargedNano;
      }
      cursor = page.next;
    } while (cursor !== undefined);
    expect([...seen].filter((id) => counts.get(id) !== 1), "200s that are not in the ledger exactly once").to.deep.equal([]);
    expect([...counts.values()].every((count) => count === 1)).to.equal(true);
    expect(settled <= POOL_NANO).to.equal(true);
    return counts.size;
  });
}
