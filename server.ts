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
import type { ConfigSnapshot } from "./core/domain/configSnapshot";
import { readEnvironment, type Environment } from "./core/environment";
import { StartRefused } from "./core/errors/startError";
import { StoreRefused, StoreUnavailable } from "./core/errors/storeErrors";
import { firstAdmin } from "./core/services/signIn/firstAdmin";
import { endRevokedCalls } from "./core/gateway/endRevokedCalls";
import { bootGateway, checkHost, type Gateway } from "./core/gateway/boot";
import { whenIdle } from "./core/whenIdle";

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
}

const POLICY_TIMEOUT_MS = 30_000;

/**
 * Configuration → preflight → services → gateway → watch.
 * @throws StartRefused, StoreRefused with lines for the person who started it
 */
export async function startLumen(options: StartOptions = {}): Promise<RunningLumen> {
  const { environment = readEnvironment(), env = process.env, logger = createLogger() } = options;
  await mkdir(environment.dataFolder, { recursive: true, mode: 0o700 });
  const config = await openConfig({ environment, env, logger, lastGood: options.lastGood ?? false });
  const closers: (() => Promise<void>)[] = [() => config.close()];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
    logger.flush();
  };
  try {
    refuseUnbuilt(config.get());
    const checked = await checkHost(environment, env);
    const fatal = (error: Error) => {
      logger.error({ cause: error.message }, "the store failed; stopping, because the books cannot be kept");
      process.exitCode = 1;
      setImmediate(() => void stop().catch(() => undefined).finally(() => process.exit(1)));
    };
    const services = await createServices({ environment, config, logger, env, onStoreFailure: fatal });
    closers.push(() => services.close());
    // Before the gateway, and so closed after it: a key can be revoked as long as calls run.
    const control = await serveControl({ environment, services, config, logger });
    closers.push(() => control.close());
    let draining = false;
    const readiness = () => readinessOf(config, services, draining);
    const policyTimeoutMs = Number(env["LUMEN_POLICY_TIMEOUT_MS"] ?? POLICY_TIMEOUT_MS);
    const gateway = await bootGateway(environment, checked, services.gateway, { policyTimeoutMs, readiness }, env);
    const unwatch = endRevokedCalls(services.store, gateway.frontDoor, services.clock);
    closers.push(() => {
      draining = true;
      return gateway.close(config.get().server.graceMs).finally(unwatch);
    });
    services.gateway.metrics.measureInFlight(() => gateway.frontDoor.active());
    closers.push(await watchPipelines(environment, gateway, logger));
    await announceFirstAdmin(config, services, gateway.address);
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

/** What the file may ask for and this version does not have: better refused than served by something else. */
function refuseUnbuilt({ server }: ConfigSnapshot): void {
  if (server.workers !== 1) throw new StartRefused(["server.workers: this version runs one process. Set server.workers to 1; more nodes on one PostgreSQL share the work."]);
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

/** Starts, prints one line when ready, and stops cleanly on SIGTERM and SIGINT. */
export async function main(options: StartOptions = {}): Promise<void> {
  const logger = options.logger ?? createLogger();
  // A plugin's forgotten promise must not take everybody's requests down with it.
  process.on("unhandledRejection", (cause) => logger.error({ cause: cause instanceof Error ? cause.stack : String(cause) }, "a promise was rejected and nobody heard"));
  try {
    const running = await startLumen({ ...options, logger });
    process.stdout.write(`Lumen is ready at ${running.address}\n`);
    const stop = () => void running.stop().then(() => process.exit(), () => process.exit(1));
    process.once("uncaughtException", (cause) => {
      logger.error({ cause: cause.stack }, "something was thrown that nobody caught; stopping, because the state is not known any more");
      process.exitCode = 1;
      stop();
    });
    process.once("SIGTERM", stop).once("SIGINT", stop);
  } catch (error) {
    process.stderr.write(`${startMessage(error)}\n`);
    logger.flush();
    process.exit(1);
  }
}

function startMessage(error: unknown): string {
  if (error instanceof StartRefused) return ["Lumen did not start:", ...error.faults.map((fault) => `  ${fault}`)].join("\n");
  if (error instanceof StoreRefused || error instanceof StoreUnavailable) return `Lumen did not start: ${error.message}`;
  return `Lumen did not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

if (require.main === module) void main();
