import type { Clock } from "../../clock";
import type { UpstreamEndpoint } from "../../domain/modelCatalog";

/**
 * What is asked of a server in `stream_options`: `continuous` = usage in each chunk, `final` = usage in a last chunk, `none` = the
 * field is not sent.
 */
export type StreamUsage = "continuous" | "final" | "none";

/** After a day a server may have been updated (docs/wire.md W75). */
const REMEMBERED_MS = 86_400_000;

/** How much of `stream_options` one endpoint understands, as its refusals have shown. */
export class StreamUsageMemory {
  private most: StreamUsage = "continuous";
  private until = 0;

  constructor(private readonly clock: Clock) {}

  /** What to ask of it now. */
  asked({ streamUsage, continuousUsage }: UpstreamEndpoint): StreamUsage {
    if (!streamUsage) return "none";
    const wanted = continuousUsage ? "continuous" : "final";
    if (this.most === "continuous" || this.clock() >= this.until) return wanted;
    return this.most;
  }

  /** It refused more than this, and took this. */
  understands(most: StreamUsage): void {
    this.most = most;
    this.until = this.clock() + REMEMBERED_MS;
  }

  forget(): void {
    this.most = "continuous";
  }
}
