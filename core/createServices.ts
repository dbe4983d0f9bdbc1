import path from "node:path";
import { measureAudio } from "./adapters/audio/measureAudio";
import { openAvatars } from "./adapters/avatars/openAvatars";
import { openKeyMaterial } from "./adapters/keys/openKeyMaterial";
import type { KeyMaterial } from "./adapters/keys/types";
import { createOpenIdClient } from "./adapters/oidc/createOpenIdClient";
import { openPasswordHashes } from "./adapters/passwords/openPasswordHashes";
import type { PasswordHashes } from "./adapters/passwords/types";
import { createChatCaller } from "./adapters/loopback/chatCaller";
import { createMetrics, type Metrics, type MetricsSources } from "./adapters/metrics/createMetrics";
import { createPdfReader } from "./adapters/pdf/readPdf";
import { countInput } from "./adapters/tokenizer/countInput";
import { countProduced } from "./adapters/tokenizer/countProduced";
import { openSpool } from "./adapters/spool/openSpool";
import { createUpstreamCaller } from "./adapters/upstream/upstreamCall";
import { createUpstreamPool, type UpstreamPool } from "./adapters/upstream/upstreamPool";
import { systemClock, type Clock } from "./clock";
import type { CurrentConfig } from "./config/currentConfig";
import type { Env } from "./config/loadConfig";
import { parseCandidate } from "./config/parseCandidate";
import { createDemo } from "./demo/demo";
import type { ConfigSnapshot } from "./domain/configSnapshot";
import type { Environment } from "./environment";
import type { GatewayServices } from "./gateway/services";
import type { Logger } from "./logger";
import { openStore } from "./openStore";
import { applyPoolTerms } from "./services/applyPoolTerms";
import { authenticateApiKey, type AuthenticationDeps } from "./services/authenticateApiKey";
import { openManagerIndex } from "./services/clients/managerIndex";
import { authenticatePass } from "./services/chat/authenticatePass";
import { createChatJobs } from "./services/chat/chatJobs";
import { createChatPasses, looksLikePass, type ChatPasses } from "./services/chat/chatPasses";
import { sweepConversations } from "./services/chat/sweepConversations";
import { strayClientEntries } from "./services/createClient";
import { createCallMeter } from "./services/meterCall";
import { modelDecision } from "./services/modelAccess";
import { describeAccount } from "./services/ownerAccount";
import { createRateLimits } from "./services/rateLimits";
import { describeReceipt } from "./services/receipt";
import type { ParseCandidate } from "./services/pageDeps";
import { createSignInThrottle } from "./services/signIn/signInThrottle";
import { sweepSignIns } from "./services/signIn/sweepSignIns";
import type { Store } from "./stores/types";

/** Everything that a running gateway is made of, with the one way to end it. */
export interface Services {
  readonly store: Store;
  readonly keys: KeyMaterial;
  readonly passwords: PasswordHashes;
  readonly clock: Clock;
  readonly parseCandidate: ParseCandidate;
  /** What policies may ask for. */
  readonly gateway: GatewayServices;
  /** Ends what was opened, in reverse; the store last. */
  close(): Promise<void>;
}

export interface ServicesOptions {
  readonly environment: Environment;
  readonly config: CurrentConfig;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** What `${VARIABLES}` of a candidate stand for; default: the process's. */
  readonly env?: Env;
  /** Where a node has several workers: what each of them counts. */
  readonly ofAllWorkers?: MetricsSources["ofAllWorkers"];
  /** The store cannot be trusted any more: stop the process. */
  readonly onStoreFailure: (error: Error) => void;
}

/** The chat: who calls for whom, where to, and what is written now. */
function openChat(deps: { readonly store: Store; readonly clock: Clock; readonly logger: Logger; readonly config: Pick<CurrentConfig, "get"> }) {
  const ownAddress: GatewayServices["ownAddress"] = {};
  const passes = createChatPasses(deps.clock);
  const hostHeader = () => hostOf(deps.config.get().app.baseUrl);
  const caller = createChatCaller({ address: () => ownAddress.current, hostHeader });
  const jobs = createChatJobs({ ...deps, passes, caller });
  const services = { jobs, countInput, readPdf: createPdfReader() };
  return { ownAddress, passes, services, close: () => jobs.close() };
}

function hostOf(baseUrl: string | undefined): string | undefined {
  return baseUrl !== undefined && URL.canParse(baseUrl) ? new URL(baseUrl).host : undefined;
}

function metricsOver({ store, upstreams, config, ofAllWorkers }: { readonly store: Store; readonly upstreams: UpstreamPool; readonly config: CurrentConfig } & Pick<MetricsSources, "ofAllWorkers">): Metrics {
  return createMetrics({
    models: () => config.get().models.values(),
    endpoint: (endpoint) => upstreams.endpoint(endpoint),
    retries: (model) => upstreams.retryBudget(model),
    waiting: () => upstreams.waiting(),
    openHolds: () => store.ledger.openHolds(),
    journal: () => store.journalState(),
    configStale: () => config.status().stale,
    ofAllWorkers,
  });
}

/** Who calls, what they may use, how their coins stand. */
function questionsAboutOwners(
  deps: AuthenticationDeps & { readonly store: Store; readonly passes: ChatPasses },
): Pick<GatewayServices, "authenticate" | "decideModelAccess" | "describeAccount" | "describeReceipt"> {
  return {
    authenticate: (presented, caller) => (looksLikePass(presented) ? authenticatePass(deps, presented, caller?.()) : authenticateApiKey(deps, presented)),
    decideModelAccess: (snapshot, owner, apiKey, model, via) => modelDecision(deps, snapshot, owner, apiKey, model, via),
    describeAccount: (snapshot, owner) => describeAccount(deps, snapshot, owner),
    describeReceipt: (snapshot, requestId, ownerId) => describeReceipt(deps, snapshot, requestId, ownerId),
  };
}

/** The composition root. */
export async function createServices(options: ServicesOptions): Promise<Services> {
  const { environment, config, logger, clock = systemClock } = options;
  const keys = await openKeyMaterial({ secretsFolder: environment.secretsFolder, ...(environment.pepper === undefined ? {} : { pepper: environment.pepper }) });
  const store = await openStore({
    environment,
    snapshot: config.get(),
    pepperId: keys.pepperId,
    now: clock,
    onFailure: options.onStoreFailure,
    onWarning: (message) => logger.warn({}, message),
  });
  const demo = createDemo();
  const upstreamCaller = createUpstreamCaller();
  const upstreams = createUpstreamPool({ caller: upstreamCaller, logger, clock, demoUrl: () => demo.url() });
  const inForce = async (snapshot: ConfigSnapshot) => {
    logger.setLevel(snapshot.logs.level);
    await demo.setEnabled(snapshot.demo.enabled);
    upstreams.sync(snapshot.models.values());
    upstreamCaller.keepOnly(new Set([...snapshot.models.values()].flatMap((model) => model.endpoints.flatMap(({ caFile }) => caFile ?? []))));
    await applyPoolTerms({ store, clock }, snapshot);
    for (const name of await strayClientEntries({ store }, snapshot)) {
      const line = snapshot.clients.byName.get(name)?.at.line;
      logger.warn({ file: snapshot.file, line }, `clients.${name} is skipped: there is no client of this name`);
    }
  };
  await inForce(config.get());
  const chat = openChat({ store, clock, logger, config });
  const managers = await openManagerIndex(store.clients);
  const passwords = openPasswordHashes();
  const endSweeps = await sweepHourly(store, clock, logger, config);
  const unsubscribe = config.subscribe((next) => {
    inForce(next).catch((cause: unknown) => logger.error({ cause: String(cause) }, "a changed configuration could not be put in force whole"));
  });
  const started = config.get();
  const { env = process.env } = options;
  const parse: ParseCandidate = (text, file) => parseCandidate(text, file, { env, themesFolder: path.join(environment.root, "themes"), started });
  return {
    store,
    keys,
    passwords,
    clock,
    parseCandidate: parse,
    gateway: {
      config, clock, logger, upstreams, upstreamCaller, metrics: metricsOver({ store, upstreams, config, ofAllWorkers: options.ofAllWorkers }),
      spool: await openSpool({ folder: environment.spoolFolder }),
      ...questionsAboutOwners({ store, keys, clock, passes: chat.passes }),
      rateLimits: store.rateLimits ?? createRateLimits(),
      callMeter: createCallMeter({ ledger: store.ledger, clock, countInput, countOutput: countProduced, measureAudio }),
      pages: { store, keys, passwords, openId: createOpenIdClient({ logger }), signInThrottle: createSignInThrottle(), clock, logger, upstreams, avatars: openAvatars({ baseUrl: environment.gravatarUrl, clock }), managers, config, chat: chat.services, parseCandidate: parse },
      errorPages: {},
      ownAddress: chat.ownAddress,
      callEnded: ({ id, via, entry }) => {
        if (via === "chat") chat.services.jobs.booked(id, entry);
      },
    },
    async close() {
      unsubscribe();
      endSweeps();
      await chat.close();
      managers.close();
      upstreams.close();
      upstreamCaller.close();
      await demo.close();
      await keys.close();
      await passwords.close();
      await store.close();
    },
  };
}

/** What is over goes at the start, and then once an hour. @returns a function that ends it */
async function sweepHourly(store: Store, clock: Clock, logger: Logger, config: Pick<CurrentConfig, "get">): Promise<() => void> {
  const sweep = () => Promise.all([sweepSignIns({ store, clock }), sweepConversations({ store, clock, config })]);
  await sweep();
  const timer = setInterval(() => {
    sweep().catch((cause: unknown) => logger.error({ cause: String(cause) }, "sign-ins that are over and old conversations could not all be removed"));
  }, 3_600_000);
  timer.unref();
  return () => clearInterval(timer);
}
