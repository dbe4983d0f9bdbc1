import type { Clock } from "../clock";
import type { ApiKey } from "../domain/apiKey";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { Owner } from "../domain/owner";
import type { Logger } from "../logger";
import type { Spool } from "../adapters/spool/openSpool";
import type { Metrics } from "../adapters/metrics/createMetrics";
import type { UpstreamPool } from "../adapters/upstream/upstreamPool";
import type { OwnAddress } from "../adapters/loopback/chatCaller";
import type { UpstreamCaller } from "../adapters/upstream/upstreamCall";
import type { Authentication } from "../services/authenticateApiKey";
import type { CallerFacts } from "../services/chat/chatPasses";
import type { CallMeter } from "../services/meterCall";
import type { ModelDecision } from "../services/modelAccess";
import type { OwnerAccount } from "../services/ownerAccount";
import type { PageDeps } from "../services/pageDeps";
import type { Receipt } from "../services/receipt";
import type { RateLimits } from "../services/rateLimits";
import type { CodedError } from "../errors/codedError";
import type { Exchange } from "./exchange";

/** What a policy may ask for: the services of this process, behind plain functions. */
export interface GatewayServices {
  readonly config: { get(): ConfigSnapshot };
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who presents this key? Rejects when the store cannot be trusted: then deny (docs/rules.md K). */
  authenticate(presented: string, caller?: () => CallerFacts): Promise<Authentication>;
  /** May this owner use this model? The same answer that `lumen explain` gives (docs/rules.md A6). */
  decideModelAccess(snapshot: ConfigSnapshot, owner: Owner, apiKey: ApiKey | undefined, model: string, via: "api" | "chat"): Promise<ModelDecision>;
  /** Where forms wait while they are read and sent on. */
  readonly spool: Spool;
  readonly rateLimits: RateLimits;
  readonly callMeter: CallMeter;
  readonly upstreams: UpstreamPool;
  readonly upstreamCaller: UpstreamCaller;
  /** Balance, pool and refill of one owner. */
  describeAccount(snapshot: ConfigSnapshot, owner: Owner): Promise<OwnerAccount>;
  /** The receipt of a call of this owner; undefined for somebody else's and for one that never was (docs/wire.md W80). */
  describeReceipt(snapshot: ConfigSnapshot, requestId: string, ownerId: string): Promise<Receipt | undefined>;
  readonly metrics: Metrics;
  /** What the use cases behind the pages stand on. */
  readonly pages: PageDeps;
  /** Set by whoever serves pages: how an error outside the API looks to a browser. */
  readonly errorPages: { answer?: (exchange: Exchange, error: CodedError) => void };
  /** Where this gateway listens, from the moment it does: the chat calls its own API there. */
  readonly ownAddress: { current?: OwnAddress };
  /** A request is over, and the books of its call are closed. */
  callEnded(exchange: Pick<Exchange, "id" | "via" | "entry">): void;
}

let current: GatewayServices | undefined;

/** The host is one per process, and builds policies whenever its files change: it finds the services here. */
export function provideServices(services: GatewayServices): void {
  current = services;
}

/** @throws before `provideServices` */
export function currentServices(): GatewayServices {
  if (!current) throw new Error("policies were built before the services were there");
  return current;
}
