import { EventEmitter } from "node:events";

import type { UpstreamEndpoint } from "../../domain/modelCatalog";
import type { EndpointFault } from "./endpointHealth";
import type { UpstreamAnswer } from "./upstreamAnswer";
import type { CallerResponse, UpstreamCaller } from "./upstreamCall";
import { UpstreamFailure } from "./upstreamFailure";

export interface ProbeResult {
  /** What is wrong; undefined = the server is well. */
  readonly fault?: EndpointFault;
  /** Said in the log. */
  readonly reason?: string;
  /** Whether the list of models names the endpoint's model; undefined where there is no such list. */
  readonly listed?: boolean;
}

const LIST_PATH = "/models";
const MAX_LIST_BYTES = 4 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** Somebody to call for: a probe has no ServerResponse, but it can lose patience. */
class ProbeCaller extends EventEmitter implements CallerResponse {
  closed = false;
  leave(): void {
    if (this.closed) return;
    this.closed = true;
    this.emit("close");
  }
}

export interface Probe {
  readonly result: Promise<ProbeResult>;
  /** Ends it: its result is then of no interest. */
  stop(): void;
}

/**
 * Asks an endpoint whether it is well: `GET` of its health path with its key, never a completion.
 * @param readList look for the model in the list; otherwise the list's body is thrown away
 */
export function probeEndpoint(caller: UpstreamCaller, endpoint: UpstreamEndpoint, baseUrl: string, readList: boolean): Probe {
  const patience = new ProbeCaller();
  const { path, timeoutMs } = endpoint.health;
  const deadline = setTimeout(() => patience.leave(), timeoutMs);
  deadline.unref();
  const ask = async (): Promise<ProbeResult> => {
    try {
      const answer = await caller.call({
        req: { headers: { accept: "application/json" } }, res: patience, endpoint, baseUrl, path, method: "GET", body: NOTHING,
        requestId: "health",
      });
      return await judge(answer, endpoint, readList);
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error;
      if (error.kind === "aborted") return { fault: "headers_timeout", reason: `no answer within ${timeoutMs} ms` };
      return { fault: error.refused ? "refused" : error.kind, reason: error.message };
    } finally {
      clearTimeout(deadline);
      patience.leave();
    }
  };
  return { result: ask(), stop: () => patience.leave() };
}

async function judge(answer: UpstreamAnswer, endpoint: UpstreamEndpoint, readList: boolean): Promise<ProbeResult> {
  const { status } = answer;
  const { path } = endpoint.health;
  const well = status >= 200 && status < 300;
  const body = await read(answer, well && readList && path === LIST_PATH);
  if (body instanceof Error) return { fault: "reset", reason: `GET ${path} broke off: ${body.message}` };
  if (well) return { listed: isListed(body, endpoint.model) };
  if (status === 429) return {};
  // A server that keeps no list of models, or does not show it to this key, is a server. A path that was chosen must be there.
  if (path === LIST_PATH && [400, 403, 404, 405].includes(status)) return {};
  const hint = status === 401 || status === 403 ? " (the server refuses the endpoint's key)" : "";
  return { fault: "server_error", reason: `GET ${path} answered ${status}${hint}` };
}

/** Reads to the end, so that the connection can be used again; keeps what was read only if wanted. */
async function read(answer: UpstreamAnswer, wanted: boolean): Promise<string | Error> {
  const kept: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_LIST_BYTES) {
        answer.close();
        return "";
      }
      if (wanted) kept.push(chunk);
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  return Buffer.concat(kept).toString("utf8");
}

/** Undefined where the text is not a list of models. */
function isListed(text: string, model: string): boolean | undefined {
  if (text === "") return undefined;
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  const entries = typeof list === "object" && list !== null && "data" in list ? list.data : undefined;
  if (!Array.isArray(entries)) return undefined;
  const ids = entries.map((entry: unknown) => (typeof entry === "object" && entry !== null && "id" in entry ? entry.id : undefined));
  if (!ids.every((id) => typeof id === "string")) return undefined;
  return ids.some((id) => id === model || id.endsWith(`/${model}`));
}
