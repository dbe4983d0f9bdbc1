import { tmpdir } from "node:os";
import path from "node:path";
import { measureAudio } from "../../adapters/audio/measureAudio";
import { openAvatars } from "../../adapters/avatars/openAvatars";
import { openKeyMaterial } from "../../adapters/keys/openKeyMaterial";
import { createOpenIdClient } from "../../adapters/oidc/createOpenIdClient";
import { createChatCaller } from "../../adapters/loopback/chatCaller";
import { createMetrics } from "../../adapters/metrics/createMetrics";
import { createPdfReader } from "../../adapters/pdf/readPdf";
import { countInput } from "../../adapters/tokenizer/countInput";
import { countProduced } from "../../adapters/tokenizer/countProduced";
import { openSpool } from "../../adapters/spool/openSpool";
import { createUpstreamCaller } from "../../adapters/upstream/upstreamCall";
import { createUpstreamPool } from "../../adapters/upstream/upstreamPool";
import { systemClock, type Clock } from "../../clock";
import { parseCandidate } from "../../config/parseCandidate";
import type { ApiKey } from "../../domain/apiKey";
import type { Owner } from "../../domain/owner";
import { client } from "../../domain/testing/snapshots";
import { silentLogger } from "../../logger";
import { createChatJobs } from "../../services/chat/chatJobs";
import { createChatPasses } from "../../services/chat/chatPasses";
import type { ChatServices } from "../../services/chat/types";
import { openManagerIndex } from "../../services/clients/managerIndex";
import { createCallMeter } from "../../services/meterCall";
import { modelDecision } from "../../services/modelAccess";
import { describeAccount } from "../../services/ownerAccount";
import { createRateLimits } from "../../services/rateLimits";
import { describeReceipt } from "../../services/receipt";
import { createSignInThrottle } from "../../services/signIn/signInThrottle";
import { plainPasswords } from "../../services/testing/passwords";
import { createMemoryStore } from "../../stores/memory";
import type { Store } from "../../stores/types";
import type { GatewayServices } from "../services";
import { policySnapshot } from "./snapshots";

/** Who calls, where a test says nothing else. */
export const TEST_OWNER: Owner = client("bot");

/** The one key that `authenticate` of the test services knows. */
export const TEST_KEY = "sk_test";

export const TEST_API_KEY: ApiKey = {
  id: "k1", ownerId: TEST_OWNER.id, name: "test", hint: "sk_t…test", digest: "", pepperId: "", verifier: "", status: "active", createdAt: 0,
};

export interface TestServices extends GatewayServices {
  /** Everything below stands on it: fill it before a run, look into it afterwards, close it to see what a broken store does. */
  readonly store: Store;
}

/** A chat that can reach no gateway. */
function silentChat(store: Store, clock: Clock): ChatServices {
  const caller = createChatCaller({ address: () => undefined, hostHeader: () => undefined });
  const jobs = createChatJobs({ store, clock, logger: silentLogger, passes: createChatPasses(clock), caller });
  return { jobs, countInput, readPdf: createPdfReader() };
}

/**
 * The services of a gateway over a store in memory. They are the real ones, but for `authenticate`, which knows `TEST_KEY`
 * alone; put your own in place of any. Share one set between runs that are to see each other's traces.
 */
export async function testServices(own: Partial<TestServices> = {}): Promise<TestServices> {
  const clock = own.clock ?? systemClock;
  const store = own.store ?? (await createMemoryStore({ now: clock }));
  const logger = own.logger ?? silentLogger;
  const upstreamCaller = own.upstreamCaller ?? createUpstreamCaller();
  const config = { get: () => policySnapshot(), status: () => ({ stale: false, faults: [], revision: "test", loadedAt: 0, restartKeys: [] }) };
  const upstreams = createUpstreamPool({ caller: upstreamCaller, logger, clock });
  const pages = own.pages ?? {
    store, clock, logger, upstreams, config, chat: silentChat(store, clock), parseCandidate: (text: string, file: string) => parseCandidate(text, file, { env: {} }), managers: await openManagerIndex(store.clients),
    avatars: openAvatars({ baseUrl: "", clock }), passwords: plainPasswords(), openId: createOpenIdClient({ logger }), signInThrottle: createSignInThrottle(),
    keys: await openKeyMaterial({ secretsFolder: "", pepper: "a pepper for tests alone" }),
  };
  return {
    store, clock, logger, upstreamCaller, upstreams, config, pages,
    spool: own.spool ?? (await openSpool({ folder: path.join(tmpdir(), `lumen-test-spool-${process.pid}`) })),
    metrics: createMetrics({
      models: () => config.get().models.values(), endpoint: (endpoint) => upstreams.endpoint(endpoint), retries: (model) => upstreams.retryBudget(model), waiting: () => upstreams.waiting(),
      openHolds: () => store.ledger.openHolds(), journal: () => store.journalState(), configStale: () => false,
    }),
    errorPages: {},
    ownAddress: {},
    callEnded: () => undefined,
    authenticate: async (presented) =>
      presented === TEST_KEY ? { ok: true, via: "api", owner: TEST_OWNER, apiKey: TEST_API_KEY } : { ok: false, reason: "unknown" },
    decideModelAccess: (snapshot, owner, apiKey, model, via) => modelDecision({ store }, snapshot, owner, apiKey, model, via),
    rateLimits: createRateLimits(),
    callMeter: createCallMeter({ ledger: store.ledger, clock, countInput, countOutput: countProduced, measureAudio }),
    describeAccount: (snapshot, owner) => describeAccount({ store, clock }, snapshot, owner),
    describeReceipt: (snapshot, requestId, ownerId) => describeReceipt({ store }, snapshot, requestId, ownerId),
    ...own,
  };
}
