import { mkdir } from "node:fs/promises";
import { loadHighlighter } from "./core/adapters/markdown/highlightCode";
import { loadMath } from "./core/adapters/markdown/renderMath";
import { loadTokenizer } from "./core/adapters/tokenizer/countTokens";
import { createLogger, type Logger } from "./core/logger";
import { faultLine } from "./core/config/fault";
import { openConfig, type OpenConfig } from "./core/config/openConfig";
import { watchFile } from "./core/config/watchFile";
import { serveControl } from "./core/control/serveControl";
import { createServices, type Services } from "./core/createServices";
import { readEnvironment, type Environment } from "./core/environment";
import { StartRefused } from "./core/errors/startError";
import { StoreRefused, StoreUnavailable } from "./core/errors/storeErrors";
import { firstAdmin } from "./core/services/signIn/firstAdmin";
import { endRevokedCalls } from "./core/gateway/endRevokedCalls";
import { bootGateway, checkHost, type Gateway } from "./core/gateway/boot";
import { storeUrl } from "./core/openStore";
import { whenIdle } from "./core/whenIdle";
import { startWorkers } from "./core/workers/startWorkers";
import { workerCount } from "./core/workers/workerCount";
import { findSeat, type WorkerSeat } from "./core/workers/workerSeat";

/** A gateway that serves. */
export interface RunningLumen {
  readonly address: string;
  /** Finishes running requests within the grace period, settles, and closes everything. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly environment?: Environment;
  readonly env?: NodeJS.ProcessEnv;
  readonly logger?: Logger;
  /** Start with the last good configuration where the present one is broken. */
  readonly lastGood?: boolean;
  /** Opened already; default: this process reads it. */
  readonly config?: OpenConfig;
  /** The place of this process among several of one node; none where it is alone. */
  readonly seat?: WorkerSeat;
}

const POLICY_TIMEOUT_MS = 30_000;

async function readConfig({ environment, env, logger, lastGood = false }: StartOptions & Required<Pick<StartOptions, "environment" | "env" | "logger">>): Promise<OpenConfig> {
  await mkdir(environment.dataFolder, { recursive: true, mode: 0o700 });
  return openConfig({ environment, env, logger, lastGood });
}

/**
 * Configuration → preflight → services → gateway → watch.
 * @throws StartRefused, StoreRefused with lines for the person who started it
 */
export async function startLumen(options: StartOptions = {}): Promise<RunningLumen> {
  const { environment = readEnvironment(), env = process.env, logger = createLogger(), seat } = options;
  const config = options.config ?? (await readConfig({ ...options, environment, env, logger }));
  const closers: (() => Promise<void>)[] = [() => config.close()];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
    logger.flush();
  };
  try {
    const checked = await checkHost(environment, env);
    const fatal = (error: Error) => {
      logger.error({ cause: error.message }, "the store failed; stopping, because the books cannot be kept");
      process.exitCode = 1;
      setImmediate(() => void stop().catch(() => undefined).finally(() => process.exit(1)));
    };
    const services = await createServices({ environment, config, logger, env, onStoreFailure: fatal, ofAllWorkers: seat && (() => seat.gather()) });
    closers.push(() => services.close());
    // Before the gateway, and so closed after it: a key can be revoked as long as calls run.
    // Once for each node.
    if (seat?.leads !== false) {
      const control = await serveControl({ environment, services, config, logger });
      closers.push(() => control.close());
    }
    let draining = false;
    const readiness = () => readinessOf(config, services, draining);
    const policyTimeoutMs = Number(env["LUMEN_POLICY_TIMEOUT_MS"] ?? POLICY_TIMEOUT_MS);
    const gateway = await bootGateway(environment, checked, services.gateway, { policyTimeoutMs, readiness, isWorker: seat !== undefined }, env);
    const unwatch = endRevokedCalls(services.store, gateway.frontDoor, services.clock);
    closers.push(() => {
      draining = true;
      return gateway.close(config.get().server.graceMs).finally(unwatch);
    });
    services.gateway.metrics.measureInFlight(() => gateway.frontDoor.active());
    closers.push(await watchPipelines(environment, gateway, logger));
    seat?.onCount(() => services.gateway.metrics.counts());
    if (!seat || (seat.leads && seat.isFirstStart)) await announceFirstAdmin(config, services, gateway.address);
    closers.push(warmUp(gateway));
    return { address: gateway.address, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** What the first call or page would have to load, and what nobody waits for before that. */
function warmUp({ frontDoor }: Gateway): () => Promise<void> {
  const end = whenIdle(() => frontDoor.active() === 0, [loadTokenizer, loadHighlighter, loadMath]);
  return async () => end();
}

/** A fresh installation has nobody who could sign in: its first administrator gets a link, on the console alone. */
async function announceFirstAdmin(config: OpenConfig, { store, clock }: Services, address: string): Promise<void> {
  const snapshot = config.get();
  const first = await firstAdmin({ store, clock }, snapshot);
  if (!first) return;
  const base = snapshot.app.baseUrl ?? address;
  process.stdout.write(`Sign in once as ${first.email}, the first administrator: ${base}/sign-in/link/${first.token}\n`);
}

/** gateway.config.yml is as live as config.yaml: the next request runs through what it says, or nothing changes. */
async function watchPipelines(environment: Environment, gateway: Gateway, logger: Logger): Promise<() => Promise<void>> {
  const watch = await watchFile(environment.gatewayConfigFile, async () => {
    const faults = await gateway.reload();
    if (faults.length === 0) logger.info({ file: environment.gatewayConfigFile }, "the pipelines were reloaded");
    else logger.error({ faults: faults.map(faultLine) }, `${environment.gatewayConfigFile} was changed and refused; the running pipelines stay`);
  }, { onError: (cause) => logger.error({ cause: String(cause) }, "watching the pipeline file failed") });
  return () => watch.close();
}

function readinessOf(config: OpenConfig, services: Services, draining: boolean) {
  const failure = services.store.failure();
  return {
    ready: !draining && !failure,
    body: {
      status: draining ? "stopping" : failure ? "unavailable" : "ready",
      config: config.status().stale ? "stale" : "current",
      store: failure ? "failed" : "ok",
    },
  };
}

/** Starts, prints one line when ready, and stops cleanly on SIGTERM and SIGINT. Several workers are started by a process that has no traffic. */
export async function main(options: StartOptions = {}): Promise<void> {
  const seat = findSeat();
  const { environment = readEnvironment(), env = process.env, logger = createLogger(seat?.number) } = options;
  // A plugin's forgotten promise must not take everybody's requests down with it.
  process.on("unhandledRejection", (cause) => logger.error({ cause: cause instanceof Error ? cause.stack : String(cause) }, "a promise was rejected and nobody heard"));
  try {
    const config = await readConfig({ ...options, environment, env, logger });
    const count = workerCount(config.get().server, storeUrl({ environment, snapshot: config.get() }));
    if (seat || count === 1) return await serve({ ...options, environment, env, logger, config, seat });
    await config.close();
    await lead(count, logger);
  } catch (error) {
    process.stderr.write(`${startMessage(error)}\n`);
    logger.flush();
    process.exit(1);
  }
}

async function serve(options: StartOptions & { readonly logger: Logger }): Promise<void> {
  const { logger, seat } = options;
  const running = await startLumen(options);
  if (seat) seat.ready(running.address);
  else process.stdout.write(`Lumen is ready at ${running.address}\n`);
  let stopping: Promise<void> | undefined;
  const stop = () => void (stopping ??= running.stop().then(() => process.exit(), () => process.exit(1)));
  process.once("uncaughtException", (cause) => {
    logger.error({ cause: cause.stack }, "something was thrown that nobody caught; stopping, because the state is not known any more");
    process.exitCode = 1;
    stop();
  });
  process.once("SIGTERM", stop);
  // A terminal sends it to all of them; a worker is told by its primary.
  if (!seat) process.once("SIGINT", stop);
  else process.on("SIGINT", () => undefined);
  seat?.onPrimaryGone(stop);
}

/** The primary of several workers: starts them, again where one dies, and ends with the last one. */
async function lead(count: number, logger: Logger): Promise<void> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.once("SIGTERM", stop).once("SIGINT", stop);
  const workers = await startWorkers({ count, logger, signal: stopped.signal });
  if (workers.address !== undefined) process.stdout.write(`Lumen is ready at ${workers.address}\n`);
  const code = await workers.ended;
  logger.flush();
  process.exit(code);
}

function startMessage(error: unknown): string {
  if (error instanceof StartRefused) return ["Lumen did not start:", ...error.faults.map((fault) => `  ${fault}`)].join("\n");
  if (error instanceof StoreRefused || error instanceof StoreUnavailable) return `Lumen did not start: ${error.message}`;
  return `Lumen did not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

if (require.main === module) void main();
