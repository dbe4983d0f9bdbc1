import type { IncomingHttpHeaders } from "node:http";

import type { CatalogModel } from "../../domain/modelCatalog";
import type { EndpointFault } from "./endpointHealth";
import type { EndpointLease } from "./endpointLease";
import type { UpstreamAnswer } from "./upstreamAnswer";
import type { CallerResponse } from "./upstreamCall";
import { UpstreamFailure } from "./upstreamFailure";
import type { UpstreamPool } from "./upstreamPool";

/** One attempt as the log and the receipt tell it. */
export interface AttemptRecord {
  readonly endpointId: string;
  /** The answer's status, or what went wrong before there was one. */
  readonly result: number | UpstreamFailure["kind"];
}

interface Attempts {
  readonly attempts: readonly AttemptRecord[];
  /** The longest that any of the refusing servers asked to wait. */
  readonly retryAfterMs?: number;
}

/**
 * `answered`: an answer to relay, perhaps a refusal that all gave; read or close it, then release the lease. `failed`: the last
 * attempt's failure; its kind is `aborted` where the caller left. `unavailable`: nobody could be asked.
 */
export type FailoverOutcome =
  | (Attempts & { readonly outcome: "answered"; readonly answer: UpstreamAnswer; readonly lease: EndpointLease })
  | (Attempts & { readonly outcome: "failed"; readonly failure: UpstreamFailure })
  | (Attempts & { readonly outcome: "unavailable"; readonly reason: "busy" | "down" });

export interface FailoverOptions {
  readonly res: CallerResponse;
  /** Calls of one session (`sessionHash`) keep to one endpoint. */
  readonly session?: number;
  /** Whose call it is: owners take turns where they wait for places. */
  readonly owner?: string;
  /** How long to wait for a place where all are taken; default 5 s. */
  readonly waitMs?: number;
  /** In all; default 3. */
  readonly maxAttempts?: number;
  /**
   * Endpoints that this call has tried before; those tried now are added. For a call that goes on after an answer broke off of
   * which nothing had reached the caller.
   */
  readonly tried?: Set<string>;
}

const OTHERS_MAY_DO_BETTER: ReadonlySet<number> = new Set([429, 500, 502, 503, 504, 529]);

/** Whether another endpoint may be asked, as long as nothing has gone to the caller. */
export function isRetryable(result: number | UpstreamFailure): boolean {
  return typeof result === "number" ? OTHERS_MAY_DO_BETTER.has(result) : result.retryable;
}

/** What an answer or a failure says of its endpoint; undefined = nothing bad. */
export function faultOf(result: number | UpstreamFailure): EndpointFault | undefined {
  if (typeof result === "number") return result >= 500 && result !== 501 ? "server_error" : undefined;
  if (result.refused) return "refused";
  return result.kind === "aborted" ? undefined : result.kind;
}

/**
 * Tries endpoints of a model until one gives an answer worth relaying: three at most, never the same twice, and as long as the
 * model's retry budget pays for it (docs/wire.md W35, W73). Never rejects but with a fault of `attempt` that is not an
 * UpstreamFailure.
 */
export async function withFailover(
  pool: UpstreamPool,
  model: CatalogModel,
  options: FailoverOptions,
  attempt: (lease: EndpointLease) => Promise<UpstreamAnswer>,
): Promise<FailoverOutcome> {
  const { res, session, waitMs = 5_000, maxAttempts = 3, tried = new Set<string>() } = options;
  const attempts: AttemptRecord[] = [];
  let retryAfterMs: number | undefined;
  const budget = pool.retryBudget(model);
  if (tried.size === 0) budget.payIn();
  const mayTry = (): boolean => tried.size < Math.min(maxAttempts, model.endpoints.length) && budget.spend();
  let lease = tried.size === 0 || mayTry() ? pool.choose(model, tried, session) : undefined;
  if (lease === undefined) {
    if (tried.size === 0 && pool.refusal(model, tried) === "busy") lease = await pool.waitForPlace({ ...options, model, tried, caller: res, waitMs });
    if (lease === undefined) return unavailable(pool, model, tried, res);
  }
  for (;;) {
    const current: EndpointLease = lease;
    tried.add(current.endpoint.id);
    const result = await tryOnce(current, attempt);
    const isFailure = result instanceof UpstreamFailure;
    attempts.push({ endpointId: current.endpoint.id, result: isFailure ? result.kind : result.status });
    if (!isFailure) retryAfterMs = longer(retryAfterMs, retryAfter(result.headers));

    const again = isRetryable(isFailure ? result : result.status) && !res.closed && mayTry();
    // First, because the model's own limit may leave no second place.
    if (again) current.release();
    const next: EndpointLease | undefined = again ? pool.choose(model, tried, session) : undefined;
    if (next === undefined) {
      if (isFailure) return { outcome: "failed", failure: result, attempts, retryAfterMs };
      return { outcome: "answered", answer: result, lease: current, attempts, retryAfterMs };
    }
    if (!isFailure) result.close();
    lease = next;
  }
}

async function tryOnce(
  lease: EndpointLease, attempt: (lease: EndpointLease) => Promise<UpstreamAnswer>,
): Promise<UpstreamAnswer | UpstreamFailure> {
  try {
    const answer = await attempt(lease);
    const fault = faultOf(answer.status);
    if (fault === undefined) lease.succeeded();
    else lease.failed(fault);
    return answer;
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) {
      lease.release();
      throw error;
    }
    const fault = faultOf(error);
    if (fault === undefined) lease.release();
    else lease.failed(fault);
    return error;
  }
}

function unavailable(pool: UpstreamPool, model: CatalogModel, tried: ReadonlySet<string>, res: CallerResponse): FailoverOutcome {
  if (res.closed) return { outcome: "failed", failure: new UpstreamFailure("aborted", "the caller has gone"), attempts: [] };
  return { outcome: "unavailable", reason: pool.refusal(model, tried), attempts: [] };
}

function longer(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

/** How long a server asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfter(headers: IncomingHttpHeaders, now: number = Date.now()): number | undefined {
  const ms = Number(headers["retry-after-ms"] ?? NaN);
  if (ms >= 0) return ms;
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (seconds >= 0) return seconds * 1_000;
  // Date.parse makes a date of "-5" too.
  const date = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
