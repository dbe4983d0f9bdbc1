import type { SeededRandom } from "../../scripts/demo/seededRandom";
import type { Ledger } from "../../core/stores/types";
import { BLOCKED, coins, facts, limited, settlementOf, UNLIMITED, usage } from "./samples";

/** One thing to do, with the parts of its answer that do not hang on chance. */
export type LedgerStep = (ledger: Ledger) => Promise<unknown>;

const POOLS = ["a", "b", "c"] as const;
const CALLS = 40;

/** A step on few calls and pools, so that they meet in every order: settled before it was held, settled twice, extended after its end. */
export function randomStep(random: SeededRandom, now: number): LedgerStep {
  const pool = () => random.pick(POOLS);
  const id = `c${Math.floor(now / 3_600_000) % 7}-${random.whole(0, CALLS)}`;
  const terms = random.next() < 0.1 ? random.pick([UNLIMITED, BLOCKED]) : limited(random.pick([10, 15]), random.whole(0, 1));
  const nano = coins(random.whole(0, 5));
  const what = random.whole(0, 9);
  if (what < 4) {
    const lines = [pool(), ...(random.next() < 0.5 ? [pool()] : [])].map((name) => ({ pool: name, wantNano: nano, terms }));
    const progress = random.next() < 0.5 ? { progress: { usage: usage(1, 1), costNano: nano > 0n ? 1n : 0n } } : {};
    return async (ledger) => {
      const outcome = await ledger.hold({ id, facts: facts(), lines, zeroIsFree: false, ...progress }, now).catch(messageOf);
      return typeof outcome === "object" && outcome.ok ? "held" : outcome;
    };
  }
  if (what < 7) return (ledger) => ledger.settle(settlementOf(id, nano, { settledAt: now }));
  if (what === 7) return async (ledger) => ({ ...(await ledger.extend(id, nano, now)), durable: undefined });
  if (what === 8) return (ledger) => ledger.release(id);
  const kind = random.pick(["grant", "take", "reset"] as const);
  const [name, amountNano] = [pool(), coins(random.whole(1, 5))];
  return async (ledger) => ({ ...(await ledger.adjust({ pool: name, kind, amountNano, terms, by: "root", reason: "r", at: now })), id: "" });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
