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

/** Streams instead of single answers. */
export interface StreamJob {
  readonly port: number;
  /** The bytes of one request. */
  readonly request: string;
  readonly connections: number;
  /** Each connection opens one stream after the other for this time; 0 = one each. */
  readonly durationMs: number;
  /** Connections are opened evenly over this time. */
  readonly rampMs?: number;
  /** Events that come later than this are not counted: what is done to the server from then on is no part of the figures. */
  readonly countedMs?: number;
  /** So many more connections send this request and read slowly, a piece, a pause, for so long; then they read what is left. */
  readonly slow?: { readonly request: string; readonly connections: number; readonly pauseMs: number; readonly forMs: number };
}

export interface StreamResult {
  readonly elapsedMs: number;
  /** Streams that ended with `[DONE]`, those of slow readers too. */
  readonly whole: number;
  /** Streams that ended in any other way; the first of them. */
  readonly broken: number;
  readonly problem?: string;
  /** Events of the quick readers, and how long each took from the upstream's write to the reader, in ms. */
  readonly events: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Comments that came. */
  readonly pings: number;
  /** How late the generator's own timers were: what it adds to the figures above at worst. */
  readonly lagP99Ms: number;
}

export type LoadReply<T> = { readonly ok: true; readonly result: T } | { readonly ok: false; readonly problem: string };
