import type { UpstreamEndpoint } from "../../domain/modelCatalog";
import type { EndpointFault } from "./endpointHealth";
import type { PooledEndpoint } from "./pooledEndpoint";
import type { StreamUsage } from "./streamUsage";

/** One call's place at one endpoint, from choosing it to the end of its answer. */
export interface EndpointLease {
  readonly endpoint: UpstreamEndpoint;
  /** The endpoint's `url`, or what `demo:` stands for. */
  readonly baseUrl: string;
  /** What to ask of the server in a stream's `stream_options`. */
  readonly streamUsage: StreamUsage;
  /** The server refused more than this in `stream_options`, and took this: remembered for its next calls. */
  understandsUsage(usage: StreamUsage): void;
  /** The server answered, other than with a 5xx. Say it when the head is there; the place is kept. */
  succeeded(): void;
  /** The endpoint is to blame: before its head, or by breaking off after it. Gives the place back. */
  failed(fault: EndpointFault): void;
  /** Gives the place back, without blame. All three may be called in any order and often: each counts once, none after this. */
  release(): void;
}

export function createLease(
  endpoint: UpstreamEndpoint, baseUrl: string, state: PooledEndpoint, trial: boolean, onReleased: () => void,
): EndpointLease {
  return new Lease(endpoint, baseUrl, state, trial, onReleased);
}

class Lease implements EndpointLease {
  private answered = false;
  private released = false;

  constructor(
    readonly endpoint: UpstreamEndpoint,
    readonly baseUrl: string,
    private readonly state: PooledEndpoint,
    private readonly trial: boolean,
    private readonly onReleased: () => void,
  ) {
    state.running++;
    if (trial) state.health.beginTrial();
  }

  get streamUsage(): StreamUsage {
    return this.state.streamUsage.asked(this.endpoint);
  }

  understandsUsage(usage: StreamUsage): void {
    this.state.understandsUsage(usage);
  }

  succeeded(): void {
    if (this.answered || this.released) return;
    this.answered = true;
    this.state.callSucceeded();
  }

  failed(fault: EndpointFault): void {
    if (this.released) return;
    this.state.callFailed(fault, this.trial, this.answered);
    this.giveBack();
  }

  release(): void {
    if (this.released) return;
    if (this.answered) this.state.health.answerEnded();
    else if (this.trial) this.state.health.endTrial();
    this.giveBack();
  }

  private giveBack(): void {
    this.released = true;
    this.state.running--;
    this.onReleased();
  }
}
