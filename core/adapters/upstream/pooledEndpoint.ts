import type { Clock } from "../../clock";
import type { UpstreamEndpoint } from "../../domain/modelCatalog";
import type { Logger } from "../../logger";
import { EndpointHealth, type Availability, type EndpointFault, type HealthChange } from "./endpointHealth";
import { probeEndpoint, type Probe, type ProbeResult } from "./probeEndpoint";
import { StreamUsageMemory, type StreamUsage } from "./streamUsage";
import type { UpstreamCaller } from "./upstreamCall";

/** While something is wrong, it is asked more often, so that a server that is back is used again soon. */
const SUSPECT_INTERVAL_MS = 2_000;
/** The first probes of a reload are spread over this time. */
const FIRST_PROBE_WITHIN_MS = 500;

export interface PooledEndpointDeps {
  readonly caller: UpstreamCaller;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  baseUrlOf(endpoint: UpstreamEndpoint): string;
  /** A place has become free, or the endpoint is usable again. */
  onRoom(): void;
}

/** What an administrator sees of one endpoint. Times are epoch ms. */
export interface EndpointView {
  readonly availability: Availability;
  readonly running: number;
  /** The server's list of models does not name ours. */
  readonly unlisted: boolean;
  /** Calls that it answered with a good head, and calls that it failed, since this process started. */
  readonly served: number;
  readonly failed: number;
  readonly lastProbe?: { readonly at: number; readonly ms: number; readonly reason?: string };
  readonly lastFailure?: { readonly at: number; readonly reason: string };
}

/** What the pool knows of one endpoint over reloads: calls under way, health, and the timer of its probes. */
export class PooledEndpoint {
  running = 0;
  /** The server's list of models does not name ours. */
  unlisted = false;
  readonly health: EndpointHealth;
  readonly streamUsage: StreamUsageMemory;
  private served = 0;
  private failed = 0;
  private lastProbe: EndpointView["lastProbe"];
  private lastFailure: EndpointView["lastFailure"];
  private listChecked = false;
  private timer: NodeJS.Timeout | undefined;
  private probe: Probe | undefined;
  private probing: Promise<void> | undefined;
  /** It is in the configuration, and probed. */
  watched = false;

  constructor(public endpoint: UpstreamEndpoint, private readonly deps: PooledEndpointDeps) {
    this.health = new EndpointHealth(deps.clock);
    this.streamUsage = new StreamUsageMemory(deps.clock);
  }

  /** Begins its probes; takes over changed settings. */
  watch(endpoint: UpstreamEndpoint): void {
    const changed = endpoint.health.intervalMs !== this.endpoint.health.intervalMs || endpoint.health.path !== this.endpoint.health.path;
    this.endpoint = endpoint;
    this.streamUsage.forget();
    if (this.watched && !changed) return;
    this.watched = true;
    this.listChecked = false;
    if (this.probe === undefined) this.probeIn(this.deps.random() * Math.min(FIRST_PROBE_WITHIN_MS, endpoint.health.intervalMs));
  }

  /** Ends its probes; calls under way go on. */
  unwatch(): void {
    this.watched = false;
    clearTimeout(this.timer);
    this.probe?.stop();
  }

  view(): EndpointView {
    const { running, unlisted, served, failed, lastProbe, lastFailure } = this;
    return {
      availability: this.health.availability(), running, unlisted, served, failed,
      ...(lastProbe ? { lastProbe } : {}), ...(lastFailure ? { lastFailure } : {}),
    };
  }

  /** Out of turn; one that is under way is waited for. An endpoint that is not probed at all is asked all the same. */
  async probeNow(): Promise<void> {
    if (!this.watched) return;
    clearTimeout(this.timer);
    await (this.probing ?? this.runProbe());
  }

  understandsUsage(usage: StreamUsage): void {
    this.streamUsage.understands(usage);
    const [refused, remedy] = usage === "none" ? ["stream_options", "stream_usage: false"] : ["continuous_usage_stats", "continuous_usage: false"];
    this.deps.logger.warn({ ...this.fields(), refused }, `the server refuses ${refused}: calls go without it; \`${remedy}\` in config.yaml says so for good`);
  }

  callSucceeded(): void {
    this.served++;
    this.note(this.health.callSucceeded());
  }

  /** @param afterHead the answer broke off, after a head that was good */
  callFailed(fault: EndpointFault, trial: boolean, afterHead: boolean): void {
    this.failed++;
    this.lastFailure = { at: this.deps.clock(), reason: afterHead ? `answer broke off: ${fault}` : fault };
    const change = afterHead ? this.health.answerBroke() : this.health.callFailed(fault, trial);
    this.note(change, `${afterHead ? "answers broke off" : "calls failed"}: ${fault}`);
    // Calls cast doubt; a probe may know better, or agree.
    if (change === "went_down" && this.probe === undefined) this.probeIn(0);
  }

  private probeIn(delayMs: number): void {
    clearTimeout(this.timer);
    if (!this.watched || this.endpoint.health.intervalMs <= 0) return;
    this.timer = setTimeout(() => void this.runProbe(), delayMs);
    this.timer.unref();
  }

  private runProbe(): Promise<void> {
    this.probing = this.askServer().finally(() => (this.probing = undefined));
    return this.probing;
  }

  private async askServer(): Promise<void> {
    const { deps, endpoint } = this;
    const began = deps.clock();
    this.probe = probeEndpoint(deps.caller, endpoint, deps.baseUrlOf(endpoint), !this.listChecked);
    const result = await this.probe.result;
    this.probe = undefined;
    if (!this.watched) return;
    const at = deps.clock();
    const reason = result.fault === undefined ? undefined : (result.reason ?? result.fault);
    this.lastProbe = { at, ms: at - began, ...(reason === undefined ? {} : { reason }) };
    if (reason !== undefined) this.lastFailure = { at, reason };
    this.learn(result);
    const { intervalMs } = this.endpoint.health;
    const pause = this.health.suspect ? Math.min(intervalMs, SUSPECT_INTERVAL_MS) : intervalMs;
    this.probeIn(pause * (0.9 + 0.2 * deps.random()));
  }

  private learn(result: ProbeResult): void {
    if (result.fault !== undefined) {
      this.note(this.health.probeFailed(result.fault), result.reason);
      this.listChecked = false;
      return;
    }
    this.note(this.health.probeSucceeded());
    if (this.listChecked) return;
    this.listChecked = true;
    this.unlisted = result.listed === false;
    if (this.unlisted) {
      this.deps.logger.warn(this.fields(), "the server's list of models does not name the endpoint's model; check its name in config.yaml");
    }
  }

  private note(change: HealthChange, reason?: string): void {
    if (change === "went_down") this.deps.logger.warn({ ...this.fields(), reason }, "endpoint is down");
    if (change === "came_up") {
      this.deps.logger.info(this.fields(), "endpoint is up again");
      this.deps.onRoom();
    }
  }

  private fields(): { endpoint: string; url: string; model: string } {
    const { id, url, model } = this.endpoint;
    return { endpoint: id, url, model };
  }
}
