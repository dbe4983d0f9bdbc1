import { setTimeout as pause } from "node:timers/promises";
import type { SeededRandom } from "../../scripts/demo/seededRandom";
import type { FleetMember, UpstreamFleet } from "./upstreamFleet";
import type { Mood } from "./soakUpstream";

/** `dead` = its process is killed and started again. */
const ILLNESSES: readonly (Mood | "dead")[] = ["dead", "dead", "slow", "silent", "status-500", "status-429", "cutting", "resetting"];
const PHASE_MS = 8_000;
/** Longer than a probe takes to find out that a server is back (2 s), and than any call waits for its first byte. */
const QUIET_MS = 4_000;

export interface Disturbances {
  /** What happened how often. */
  readonly counts: ReadonlyMap<string, number>;
  /** Resolves once all servers are well again. @throws when one cannot be brought back */
  stop(): Promise<void>;
}

/**
 * Makes servers ill at random, in phases. In each phase the anchors (one server of every model, by index) stay well, and
 * all others fall ill and recover again and again, several at once. Between two phases everybody is well, long enough that a call
 * which had tried what is an anchor next does not meet the next phase.
 */
export function beginDisturbances(fleet: UpstreamFleet, anchorSets: readonly (readonly number[])[], random: SeededRandom): Disturbances {
  const counts = new Map<string, number>();
  const ending = new AbortController();
  const { signal } = ending;
  const rest = (ms: number) => pause(ms, undefined, { signal });

  const makeIll = async (member: FleetMember, until: number): Promise<void> => {
    while (performance.now() < until) {
      const illness = random.pick(ILLNESSES);
      counts.set(illness, (counts.get(illness) ?? 0) + 1);
      await (illness === "dead" ? member.kill() : member.setMood(illness));
      try {
        await rest(random.whole(300, 3_000));
      } finally {
        await (illness === "dead" ? member.revive() : member.setMood("well"));
      }
      await rest(random.whole(0, 1_500));
    }
  };
  const run = async () => {
    while (!signal.aborted) {
      await rest(QUIET_MS);
      const anchors = random.pick(anchorSets);
      const until = performance.now() + PHASE_MS;
      const patients = fleet.members.filter((_, index) => !anchors.includes(index));
      // All must be well again before the next phase, also where one of them ends the run.
      const ends = await Promise.allSettled(patients.map((member) => makeIll(member, until)));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
    }
  };
  const done = run().catch((error: Error) => {
    if (error.name !== "AbortError") throw error;
  });
  done.catch(() => undefined);
  return {
    counts,
    stop() {
      ending.abort();
      return done;
    },
  };
}
