import type { RateLimits, RunningAnswers } from "../../types";
import type { Queryable } from "../database";
import { RateWindows } from "./rateWindows";
import { openRunningAnswers } from "./runningAnswers";
import { RunningRequests } from "./runningRequests";

/** What all processes on one database know of each other. */
export interface OpenedPeers {
  readonly rateLimits: RateLimits;
  readonly runningAnswers: RunningAnswers;
  close(): Promise<void>;
}

const RENEW_MS = 20_000;

/** A process that ends without a word counts for another minute. */
export function openPeers(database: Queryable): OpenedPeers {
  const windows = new RateWindows(database);
  const requests = new RunningRequests(database);
  const answers = openRunningAnswers(database);
  const timer = setInterval(() => {
    requests.renew();
    // A server that is away is told by those who need it.
    void Promise.all([windows.forget(), requests.forget(), answers.forget()]).catch(() => undefined);
  }, RENEW_MS);
  timer.unref();
  return {
    rateLimits: {
      take: (ownerId, wanted) => windows.take(ownerId, wanted),
      enter: (ownerId, limit) => requests.enter(ownerId, limit),
      leave: (ownerId) => requests.leave(ownerId),
      running: (ownerId) => requests.running(ownerId),
    },
    runningAnswers: answers,
    async close() {
      clearInterval(timer);
      await requests.idle();
    },
  };
}
