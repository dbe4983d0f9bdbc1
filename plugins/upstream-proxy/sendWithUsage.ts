import type { EndpointLease } from "../../core/adapters/upstream/endpointLease";
import type { StreamUsage } from "../../core/adapters/upstream/streamUsage";
import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import { requestedOutput } from "../../core/domain/inputBound";
import { fieldsOf } from "../../core/domain/jsonFields";
import type { Exchange } from "../../core/gateway/exchange";
import { operationOf } from "./endingOf";
import { refusalText } from "./upstreamRefusal";

/**
 * Sends a stream's call with as much of `stream_options` as its endpoint understands. A 4xx that names the field sends the call
 * again to the same endpoint, with less of it; what the server then takes is remembered for it (docs/wire.md W75).
 * @param send one try; rejects with an UpstreamFailure
 */
export async function sendWithUsage(
  exchange: Exchange, lease: EndpointLease, send: (usage: StreamUsage) => Promise<UpstreamAnswer>,
): Promise<UpstreamAnswer> {
  let usage = lease.streamUsage;
  // Of several answers, servers report each by itself: only the last chunk has the sum.
  if (usage === "continuous" && requestedOutput(exchange.getBody().json, operationOf(exchange)).choices > 1) usage = "final";
  let answer = await send(usage);
  let refused = false;
  while (isRefusal(answer.status) && usage !== "none" && isOurs(exchange)) {
    const less = lessThan(usage, await refusalText(answer));
    if (less === undefined) return answer;
    refused = true;
    usage = less;
    answer = await send(usage);
  }
  // A refusal that stays had another reason: a server may print the whole body that it could not read.
  if (refused && !isRefusal(answer.status)) lease.understandsUsage(usage);
  return answer;
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 401 && status !== 403 && status !== 429;
}

/** What the caller put into the field beyond our own wish may be refused with good reason, and is the caller's to mend. */
function isOurs(exchange: Exchange): boolean {
  const options = exchange.getBody().json["stream_options"] ?? {};
  const fields = fieldsOf(options);
  return fields !== undefined && Object.entries(fields).every(([name, value]) => name === "include_usage" && typeof value === "boolean");
}

/** "Unknown field stream_options", "Unsupported param: stream_options", `loc: [body, stream_options]`, "streamOptions", … */
const NAMES_IT = /stream[ _]?options|include_usage|continuous_usage/i;
const NAMES_CONTINUOUS = /continuous_usage/i;

function lessThan(usage: StreamUsage, text: string): StreamUsage | undefined {
  if (!NAMES_IT.test(text)) return undefined;
  return usage === "continuous" && NAMES_CONTINUOUS.test(text) ? "final" : "none";
}
