/** What the load generator's process is told to do. */
export interface LoadJob {
  readonly port: number;
  /** The bytes of one request. */
  readonly request: string;
  readonly connections: number;
  /** Ends after this time, or after so many requests, whichever is given. */
  readonly durationMs?: number;
  readonly requests?: number;
}

export interface LoadResult {
  readonly answered: number;
  readonly elapsedMs: number;
  /** How many answers had which status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type LoadReply = { readonly ok: true; readonly result: LoadResult } | { readonly ok: false; readonly problem: string };
