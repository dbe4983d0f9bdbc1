import { planCall, type Keys, type PlannedCall, type Verdict } from "./soakCalls";
import { SoakCaller, type CallAnswer } from "./soakCall";
import type { SeededRandom } from "../../scripts/demo/seededRandom";

/** Everything that the calls of a soak came to. */
export interface LoadRecord {
  sent: number;
  readonly verdicts: Map<Verdict, number>;
  readonly kinds: Map<string, number>;
  /** The first of the calls that must not have ended as they did. */
  readonly lost: string[];
  /** `x-request-id` of each answer with 200, whatever became of it. */
  readonly answeredIds: string[];
  /** Calls that could not be begun because too many were open. */
  heldBack: number;
  resent: number;
}

export interface SoakLoad {
  readonly record: LoadRecord;
  /** Begins no more calls; resolves when the last one has ended. */
  stop(): Promise<void>;
}

export interface SoakLoadOptions {
  readonly url: string;
  readonly keys: Keys;
  /** Calls begun per second. */
  readonly rate: number;
  readonly random: SeededRandom;
  /** Whether every model server was well from this moment on. */
  readonly wellSince: (at: number) => boolean;
}

const TICK_MS = 20;
const MOST_OPEN = 400;
const TOLD_LOST = 20;

export function beginLoad({ url, keys, rate, random, wellSince }: SoakLoadOptions): SoakLoad {
  const record: LoadRecord = { sent: 0, verdicts: new Map(), kinds: new Map(), lost: [], answeredIds: [], heldBack: 0, resent: 0 };
  const caller = new SoakCaller();
  const open = new Set<Promise<void>>();
  const began = performance.now();
  let due = 0;

  const make = async (planned: PlannedCall): Promise<void> => {
    const sentAt = performance.now();
    const answer = await caller.call({ url, ...planned.request });
    let verdict = planned.judge(answer);
    // Nobody was ill while it ran: there was nothing that could have broken it.
    if (verdict === "broken" && wellSince(sentAt)) verdict = "lost";
    if (answer.status === 200) record.answeredIds.push(answer.requestId);
    count(record.verdicts, verdict);
    if (verdict === "lost" && record.lost.length < TOLD_LOST) record.lost.push(describeLost(planned, answer, performance.now() - sentAt));
  };
  const timer = setInterval(() => {
    const wanted = Math.floor(((performance.now() - began) * rate) / 1_000);
    for (; due < wanted; due++) {
      if (open.size >= MOST_OPEN) {
        record.heldBack++;
        continue;
      }
      const planned = planCall(random, keys, due);
      record.sent++;
      count(record.kinds, planned.kind);
      const running = make(planned).finally(() => open.delete(running));
      open.add(running);
    }
  }, TICK_MS);

  return {
    record,
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      caller.close();
      record.resent = caller.resent;
    },
  };
}

function describeLost({ kind, request }: PlannedCall, answer: CallAnswer, ms: number): string {
  const { status, requestId, cutOff, problem, text } = answer;
  const end = text.length > 300 ? `…${text.slice(-300)}` : text;
  return `${kind} ${request.path} ${requestId || "(no id)"} at ${new Date().toISOString()} after ${ms.toFixed(0)} ms: ${status}${cutOff ? " cut off" : ""} ${problem} ${JSON.stringify(end)}`;
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
