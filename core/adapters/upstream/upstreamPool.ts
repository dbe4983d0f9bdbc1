import { systemClock, type Clock } from "../../clock";
import type { CatalogModel, UpstreamEndpoint } from "../../domain/modelCatalog";
import type { Logger } from "../../logger";
import { homeOf, lessBusyOfTwo, type Candidate } from "./chooseCandidate";
import type { Availability } from "./endpointHealth";
import { createLease, type EndpointLease } from "./endpointLease";
import { PooledEndpoint, type EndpointView, type PooledEndpointDeps } from "./pooledEndpoint";
import { RetryBudget } from "./retryBudget";
import { createSlotQueue, type WaitingCall } from "./slotQueue";
import type { UpstreamCaller } from "./upstreamCall";

export type ModelStatus = "ok" | "degraded" | "down" | "disabled";

export interface UpstreamPool {
  /**
   * Takes over the models of a configuration. Endpoints are known by their id: health and calls under way stay; removed ones
   * finish their streams; new ones are usable at once.
   */
  sync(models: Iterable<CatalogModel>): void;
  /**
   * An endpoint for one attempt, or undefined where none is usable now (`refusal` says why). The caller must `release()` it.
   * @param tried ids of endpoints that have failed this call already
   * @param session calls of one session (`sessionHash`) keep to one endpoint while it is healthy and not overloaded
   */
  choose(model: CatalogModel, tried: ReadonlySet<string>, session?: number): EndpointLease | undefined;
  /** Why `choose` found none: `busy` = a place will become free, `down` = none is healthy. */
  refusal(model: CatalogModel, tried: ReadonlySet<string>): "busy" | "down";
  /** Waits in line for a place; undefined when there was none in `waitMs`, the line is too long, or the caller left. */
  waitForPlace(call: WaitingCall): Promise<EndpointLease | undefined>;
  /** How often calls of this model may try a further endpoint. */
  retryBudget(model: CatalogModel): RetryBudget;
  /** ok = all healthy, degraded = some, down = none. */
  status(model: CatalogModel): ModelStatus;
  healthy(model: CatalogModel): { readonly healthy: number; readonly configured: number };
  /** Calls under way at one endpoint. */
  running(endpointId: string): number;
  /** What is known of one endpoint; a fresh one where nothing is yet. */
  endpoint(endpoint: UpstreamEndpoint): EndpointView;
  /** Asks one endpoint now whether it is well, beside its own rhythm. Resolves when the answer was taken into account. */
  probe(endpoint: UpstreamEndpoint): Promise<void>;
  /** Calls in line for a place. */
  waiting(): number;
  /** Ends probes and waiting. */
  close(): void;
}

export interface UpstreamPoolOptions {
  readonly caller: UpstreamCaller;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Where the built-in model server listens: `http://127.0.0.1:4711`. */
  readonly demoUrl?: () => string;
  readonly random?: () => number;
}

interface Place extends Candidate {
  readonly endpoint: UpstreamEndpoint;
  readonly state: PooledEndpoint;
}

export function createUpstreamPool(options: UpstreamPoolOptions): UpstreamPool {
  return new Pool(options);
}

class Pool implements UpstreamPool {
  private readonly states = new Map<string, PooledEndpoint>();
  /** Running calls of the models that have a limit of their own. */
  private readonly runningOf = new Map<string, number>();
  private readonly queue = createSlotQueue(({ model, tried, session }) => this.choose(model, tried, session));
  private readonly budgets = new Map<string, RetryBudget>();
  private readonly random: () => number;
  private readonly deps: PooledEndpointDeps;

  constructor(private readonly options: UpstreamPoolOptions) {
    const { caller, logger, clock = systemClock, random = Math.random } = options;
    this.random = random;
    this.deps = { caller, logger, clock, random, baseUrlOf: (endpoint) => this.baseUrlOf(endpoint), onRoom: () => this.queue.serve() };
  }

  sync(models: Iterable<CatalogModel>): void {
    const wanted = new Map<string, UpstreamEndpoint>();
    const names = new Set<string>();
    for (const model of models) {
      names.add(model.name);
      for (const endpoint of model.disabled ? [] : model.endpoints) wanted.set(endpoint.id, endpoint);
    }
    for (const [id, state] of this.states) {
      if (wanted.has(id)) continue;
      state.unwatch();
      this.forgetIdle(state);
    }
    for (const name of this.budgets.keys()) if (!names.has(name)) this.budgets.delete(name);
    for (const [id, endpoint] of wanted) {
      const state = this.states.get(id) ?? new PooledEndpoint(endpoint, this.deps);
      this.states.set(id, state);
      state.watch(endpoint);
    }
    this.options.caller.keepOnly(new Set([...wanted.values()].flatMap(({ caFile }) => caFile ?? [])));
    this.queue.serve();
  }

  choose(model: CatalogModel, tried: ReadonlySet<string>, session?: number): EndpointLease | undefined {
    if (model.maxConcurrency > 0 && (this.runningOf.get(model.name) ?? 0) >= model.maxConcurrency) return undefined;
    const up: Place[] = [];
    const doubted: Place[] = [];
    for (const endpoint of model.endpoints) {
      if (tried.has(endpoint.id)) continue;
      const state = this.stateOf(endpoint);
      if (endpoint.maxConcurrency > 0 && state.running >= endpoint.maxConcurrency) continue;
      const availability = state.health.availability();
      const place: Place = { id: endpoint.id, weight: endpoint.weight * state.health.share(endpoint.slowStartMs), running: state.running, endpoint, state };
      if (availability === "trial") return this.lend(model, place, true);
      if (availability === "up") up.push(place);
      if (availability === "doubted") doubted.push(place);
    }
    // Calls alone switch no endpoint off for good: where nothing better is left, the doubted are as good as before.
    const candidates = up.length > 0 ? up : doubted;
    const home = session === undefined || candidates.length < 2 ? undefined : homeOf(candidates, session);
    const chosen = home ?? lessBusyOfTwo(candidates, this.random);
    return chosen && this.lend(model, chosen, false);
  }

  refusal(model: CatalogModel, tried: ReadonlySet<string>): "busy" | "down" {
    const usable = model.endpoints.some((endpoint) => !tried.has(endpoint.id) && this.availability(endpoint) !== "down");
    return usable ? "busy" : "down";
  }

  waitForPlace(call: WaitingCall): Promise<EndpointLease | undefined> {
    return this.queue.wait(call);
  }

  retryBudget({ name }: CatalogModel): RetryBudget {
    let budget = this.budgets.get(name);
    if (budget === undefined) {
      const onSpent = (): void => this.deps.logger.warn({ model: name }, "so many calls fail that not all of them are tried at another endpoint");
      this.budgets.set(name, (budget = new RetryBudget(this.deps.clock, onSpent)));
    }
    return budget;
  }

  status(model: CatalogModel): ModelStatus {
    if (model.disabled) return "disabled";
    const { healthy, configured } = this.healthy(model);
    if (healthy === configured) return model.endpoints.some((endpoint) => this.stateOf(endpoint).unlisted) ? "degraded" : "ok";
    return this.refusal(model, NONE) === "down" ? "down" : "degraded";
  }

  healthy(model: CatalogModel): { readonly healthy: number; readonly configured: number } {
    const healthy = model.endpoints.filter((endpoint) => this.availability(endpoint) === "up").length;
    return { healthy, configured: model.endpoints.length };
  }

  running(endpointId: string): number {
    return this.states.get(endpointId)?.running ?? 0;
  }

  endpoint(endpoint: UpstreamEndpoint): EndpointView {
    return this.stateOf(endpoint).view();
  }

  async probe(endpoint: UpstreamEndpoint): Promise<void> {
    await this.states.get(endpoint.id)?.probeNow();
  }

  waiting(): number {
    return this.queue.waiting();
  }

  close(): void {
    for (const state of this.states.values()) state.unwatch();
    this.states.clear();
    this.queue.close();
  }

  /** A call that began before a reload may still choose an endpoint that is gone, or one that is not here yet. */
  private stateOf(endpoint: UpstreamEndpoint): PooledEndpoint {
    return this.states.get(endpoint.id) ?? new PooledEndpoint(endpoint, this.deps);
  }

  /** A removed endpoint is known as long as calls run there: it may come back with the next reload (docs/wire.md W38). */
  private forgetIdle(state: PooledEndpoint): void {
    const { id } = state.endpoint;
    if (!state.watched && state.running === 0 && this.states.get(id) === state) this.states.delete(id);
  }

  private availability(endpoint: UpstreamEndpoint): Availability {
    return this.stateOf(endpoint).health.availability();
  }

  private baseUrlOf(endpoint: UpstreamEndpoint): string {
    const { demoUrl } = this.options;
    return endpoint.url === "demo:" && demoUrl !== undefined ? `${demoUrl()}/v1` : endpoint.url;
  }

  private lend(model: CatalogModel, { endpoint, state }: Place, trial: boolean): EndpointLease {
    const limited = model.maxConcurrency > 0;
    if (limited) this.runningOf.set(model.name, (this.runningOf.get(model.name) ?? 0) + 1);
    return createLease(endpoint, this.baseUrlOf(endpoint), state, trial, () => {
      if (limited) countDown(this.runningOf, model.name);
      this.forgetIdle(state);
      this.queue.serve();
    });
  }
}

const NONE: ReadonlySet<string> = new Set();

function countDown(counts: Map<string, number>, name: string): void {
  const rest = (counts.get(name) ?? 1) - 1;
  if (rest > 0) counts.set(name, rest);
  else counts.delete(name);
}
