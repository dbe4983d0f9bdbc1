import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type Aggregator } from "prom-client";
import { formatCoins, type NanoCoins } from "../../domain/coins";
import type { CatalogModel } from "../../domain/modelCatalog";
import type { EndpointView } from "../upstream/pooledEndpoint";
import { CallCounts, type CountedRequest } from "./callCounts";

/** Where a scrape finds what is not counted call by call. */
export interface MetricsSources {
  models(): Iterable<CatalogModel>;
  endpoint(endpoint: CatalogModel["endpoints"][number]): EndpointView;
  /** How often calls of a model went on to a further endpoint, and how often the retry budget denied it. */
  retries(model: CatalogModel): { readonly allowed: number; readonly denied: number };
  /** Calls in line for a place. */
  waiting(): number;
  openHolds(): Promise<number>;
  journal(): { readonly bytes: number; readonly unsyncedEvents: number };
  /** Whether the configuration file was changed and refused. */
  configStale(): boolean;
  /** Where a node has several workers: what `counts` of each of them says. */
  ofAllWorkers?(): Promise<readonly unknown[]>;
}

/** Counts for Prometheus (docs/wire.md W81). Label values are names of the configuration or fixed words, never a caller's. */
export interface Metrics {
  requestEnded(request: CountedRequest): void;
  /** A model server has answered a call. @param seconds from sending it to the head of the answer */
  upstreamAnswered(model: string, seconds: number): void;
  /** How many requests run; asked at each scrape. */
  measureInFlight(running: () => number): void;
  /** Everything of this node in the text format of Prometheus; the first call begins to watch the process. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** Of this process alone, for `ofAllWorkers`. */
  counts(): Promise<unknown>;
}

const PREFIX = "lumen_";
/** Seconds. Models answer in tens of milliseconds or in minutes. */
const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  const counts = new CallCounts();
  const histogram = (name: string, help: string) =>
    new Histogram({ name: PREFIX + name, help, labelNames: ["model"], buckets: BUCKETS, registers: [registry] });
  const latency = histogram("upstream_seconds", "From sending a call to the head of its answer, one attempt each.");
  const firstToken = histogram("first_token_seconds", "From the arrival of a streamed call to its first token.");
  const duration = histogram("call_seconds", "From the arrival of a call to its settlement.");
  let inFlight = () => 0;
  let watchesProcess = false;
  // Event-loop delay, memory, collections: watching them costs a little, and nobody pays who does not look.
  const watchProcess = () => {
    if (!watchesProcess) collectDefaultMetrics({ register: registry });
    watchesProcess = true;
  };
  registerCounts(registry, counts);
  registerEndpoints(registry, sources);
  registerRetries(registry, sources);
  registerGauges(registry, sources, () => inFlight());
  return {
    requestEnded(request) {
      counts.count(request);
      const { model, entry } = request;
      if (model === undefined || !entry) return;
      duration.labels(model).observe(entry.durationMs / 1_000);
      if (entry.firstTokenMs !== undefined) firstToken.labels(model).observe(entry.firstTokenMs / 1_000);
    },
    upstreamAnswered: (model, seconds) => latency.labels(model).observe(seconds),
    measureInFlight: (running) => void (inFlight = running),
    async text() {
      const counts = await sources.ofAllWorkers?.();
      if (!counts) watchProcess();
      const all = counts ? AggregatorRegistry.aggregate(counts as object[]) : registry;
      return { contentType: registry.contentType, body: await all.metrics() };
    },
    counts() {
      watchProcess();
      return registry.getMetricsAsJSON();
    },
  };
}

function registerCounts(registry: Registry, counts: CallCounts): void {
  const registers = [registry];
  new Counter({
    name: `${PREFIX}requests_total`, help: "Requests of the API that are over, by model, operation and class of status.", labelNames: ["model", "operation", "status"], registers,
    collect() {
      this.reset();
      for (const [model, operations] of counts.requests) {
        for (const [operation, classes] of operations) for (const [status, count] of classes) this.inc({ model, operation, status }, count);
      }
    },
  });
  new Counter({
    name: `${PREFIX}tokens_total`, help: "Tokens booked; cached_input and cache_write are parts of input.", labelNames: ["model", "kind"], registers,
    collect() {
      this.reset();
      for (const [model, { input, cachedInput, cacheWrite, output }] of counts.models) {
        for (const [kind, count] of Object.entries({ input, cached_input: cachedInput, cache_write: cacheWrite, output })) this.inc({ model, kind }, count);
      }
    },
  });
  const coins = (name: string, help: string, of: "costNano" | "uncollectedNano") =>
    new Counter({
      name: PREFIX + name, help, labelNames: ["model"], registers,
      collect() {
        this.reset();
        for (const [model, row] of counts.models) this.inc({ model }, asNumber(row[of]));
      },
    });
  coins("coins_total", "Coins that calls cost.", "costNano");
  coins("uncollected_coins_total", "Coins that calls cost beyond what their pools could pay.", "uncollectedNano");
}

function asNumber(nano: NanoCoins): number {
  return Number(formatCoins(nano));
}

function registerEndpoints(registry: Registry, sources: MetricsSources): void {
  const gauge = (name: string, help: string, of: (view: EndpointView) => number, aggregator: Aggregator = "sum") =>
    new Gauge({
      name: PREFIX + name, help, labelNames: ["model", "endpoint"], registers: [registry], aggregator,
      collect() {
        // An endpoint that was removed is told of no more.
        this.reset();
        for (const model of sources.models()) {
          for (const one of model.disabled ? [] : model.endpoints) this.set({ model: model.name, endpoint: one.id }, of(sources.endpoint(one)));
        }
      },
    });
  gauge("endpoint_up", "1 while calls go to the endpoint, 0 while it is down or doubted.", ({ availability }) => (availability === "up" ? 1 : 0), "min");
  gauge("endpoint_running", "Calls that run at the endpoint.", ({ running }) => running);
  gauge("endpoint_served", "Calls that the endpoint answered since it is known.", ({ served }) => served);
  gauge("endpoint_failed", "Calls that the endpoint failed since it is known.", ({ failed }) => failed);
}

function registerRetries(registry: Registry, sources: MetricsSources): void {
  new Counter({
    name: `${PREFIX}retries_total`, help: "Further tries of calls that an endpoint failed; denied are those for which the retry budget was spent.", labelNames: ["model", "outcome"], registers: [registry],
    collect() {
      this.reset();
      for (const model of sources.models()) {
        if (model.disabled) continue;
        const { allowed, denied } = sources.retries(model);
        this.inc({ model: model.name, outcome: "allowed" }, allowed);
        this.inc({ model: model.name, outcome: "denied" }, denied);
      }
    },
  });
}

function registerGauges(registry: Registry, sources: MetricsSources, inFlight: () => number): void {
  const gauge = (name: string, help: string, of: () => number | Promise<number>, aggregator: Aggregator = "sum") =>
    new Gauge({
      name: PREFIX + name, help, registers: [registry], aggregator,
      async collect() {
        this.set(await of());
      },
    });
  gauge("requests_in_flight", "Requests between their first byte and their end, pages too.", inFlight);
  gauge("queue_waiting", "Calls in line for a place at a model server.", () => sources.waiting());
  gauge("ledger_open_holds", "Calls for which coins are set aside.", () => sources.openHolds(), "first");
  gauge("store_journal_bytes", "Size of the journal and its archive, unpacked.", () => sources.journal().bytes);
  gauge("store_journal_unsynced_events", "Events that are not yet safe on the disk.", () => sources.journal().unsyncedEvents);
  gauge("config_stale", "1 while a changed configuration file is refused.", () => (sources.configStale() ? 1 : 0), "max");
}
