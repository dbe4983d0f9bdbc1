import cluster, { type Worker } from "node:cluster";
import type { Logger } from "../logger";
import { Gathering } from "./gathering";
import { FIRST_START_VARIABLE, NUMBER_VARIABLE, type FromWorker } from "./messages";

export interface WorkersOptions {
  readonly count: number;
  readonly logger: Logger;
  /** The file that a worker runs, with its arguments; default: as this process was started. */
  readonly entry?: { readonly file: string; readonly args: readonly string[] };
  /** Ends all of them: each finishes its requests within its grace period. */
  readonly signal: AbortSignal;
  readonly pace?: WorkersPace;
}

/** Milliseconds, and how often. */
export interface WorkersPace {
  /** Before a worker that died is started again; doubled with each time that it dies at once. */
  readonly restartMs: number;
  readonly longestRestartMs: number;
  /** Who lives as long did not die at once. */
  readonly steadyMs: number;
  /** So often at once, one after the other, is hopeless. */
  readonly hopeless: number;
}

/** The processes of one node. The primary has no traffic: it hands each new connection to the next worker. */
export interface RunningWorkers {
  /** Where they listen, all at one address; undefined where they ended before all were ready. */
  readonly address?: string;
  /** Resolves with the exit code of the node when no worker runs any more. */
  readonly ended: Promise<number>;
}

const PACE: WorkersPace = { restartMs: 100, longestRestartMs: 10_000, steadyMs: 10_000, hopeless: 6 };

/**
 * Starts the workers and keeps them running. The first one alone, so that what it may find wrong is said once, and what has to be
 * made once is there for the others.
 * @returns when all are ready, or when they have ended because one of them could not start
 */
export async function startWorkers(options: WorkersOptions): Promise<RunningWorkers> {
  const workers = new Workers(options);
  options.signal.addEventListener("abort", () => workers.stop(), { once: true });
  return { address: await workers.start(), ended: workers.ended };
}

interface Place {
  readonly number: number;
  worker?: Worker;
  isReady: boolean;
  startedAt: number;
  /** How often in a row it died at once. */
  deaths: number;
  restart?: NodeJS.Timeout;
}

class Workers {
  readonly ended: Promise<number>;
  readonly #places: Place[];
  readonly #gathering = new Gathering();
  readonly #pace: WorkersPace;
  #address: string | undefined;
  #exitCode = 0;
  #starting = true;
  #stopping = false;
  #end: (code: number) => void = () => undefined;
  #onChange: () => void = () => undefined;

  constructor(private readonly options: WorkersOptions) {
    this.#pace = options.pace ?? PACE;
    this.#places = Array.from({ length: options.count }, (_, at) => ({ number: at + 1, isReady: false, startedAt: 0, deaths: 0 }));
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const { entry } = options;
    // The format that knows all numbers, not JSON's alone: counts may be no number.
    cluster.setupPrimary({ serialization: "advanced", ...(entry ? { exec: entry.file, args: [...entry.args] } : {}) });
  }

  async start(): Promise<string | undefined> {
    const [first, ...others] = this.#places;
    for (const places of [first ? [first] : [], others]) {
      for (const place of places) if (!this.#stopping) this.#fork(place, true);
      await this.#until(() => this.#stopping || places.every(({ isReady }) => isReady));
    }
    this.#starting = false;
    return this.#stopping ? undefined : this.#address;
  }

  stop(): void {
    this.#stopping = true;
    for (const { worker, restart } of this.#places) {
      clearTimeout(restart);
      worker?.process.kill("SIGTERM");
    }
    this.#lookForEnd();
    this.#onChange();
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = () => void (holds() && resolve());
      this.#onChange();
    });
  }

  #fork(place: Place, isFirstStart: boolean): void {
    const worker = cluster.fork({ [NUMBER_VARIABLE]: String(place.number), [FIRST_START_VARIABLE]: isFirstStart ? "1" : "0" });
    Object.assign(place, { worker, isReady: false, startedAt: performance.now() });
    worker.on("message", (message: FromWorker) => this.#hear(place, worker, message));
    worker.once("exit", (code, signal) => this.#exited(place, worker, code, signal));
  }

  #hear(place: Place, worker: Worker, message: FromWorker): void {
    if (message.kind === "counts") this.#gathering.hear(worker, message);
    else if (message.kind === "gather") this.#gathering.gather(worker, message, this.#places.flatMap((one) => (one.isReady && one.worker ? [one.worker] : [])));
    else if (message.kind === "ready") {
      place.isReady = true;
      this.#address ??= message.address;
      if (!this.#starting) this.options.logger.info({ worker: place.number }, "a worker was started again");
      this.#onChange();
    }
  }

  #exited(place: Place, worker: Worker, code: number | null, signal: string | null): void {
    this.#gathering.leave(worker);
    const wasReady = place.isReady;
    place.worker = undefined;
    place.isReady = false;
    if (this.#stopping) return this.#lookForEnd();
    const { logger } = this.options;
    // It has said why, once.
    if (this.#starting && !wasReady) return this.#giveUp(code ?? 1);
    place.deaths = performance.now() - place.startedAt < this.#pace.steadyMs ? place.deaths + 1 : 1;
    if (place.deaths >= this.#pace.hopeless) {
      logger.error({ worker: place.number, code, signal, deaths: place.deaths }, "a worker ends as soon as it is started; stopping");
      return this.#giveUp(1);
    }
    const afterMs = Math.min(this.#pace.longestRestartMs, this.#pace.restartMs * 2 ** (place.deaths - 1));
    logger.error({ worker: place.number, code, signal, restart_ms: afterMs }, "a worker ended; it is started again");
    place.restart = setTimeout(() => this.#fork(place, false), afterMs);
  }

  #giveUp(code: number): void {
    this.#exitCode = code === 0 ? 1 : code;
    this.stop();
  }

  #lookForEnd(): void {
    if (this.#places.some(({ worker }) => worker)) return;
    this.#end(this.#exitCode);
  }
}
