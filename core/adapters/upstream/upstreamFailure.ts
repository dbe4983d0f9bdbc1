/**
 * What went wrong before an answer's head was there:
 * `connect` no connection (refused, unknown host, TLS, too slow) · `reset` the connection broke · `headers_timeout` the server
 * took the call and said nothing in time · `protocol` it does not speak HTTP, or the call cannot be put into HTTP ·
 * `aborted` the caller has gone.
 */
export type UpstreamFailureKind = "connect" | "reset" | "headers_timeout" | "protocol" | "aborted";

/** An attempt that brought no answer. The message names hosts: it is for the log, not for the caller. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  /** Whether another endpoint may be tried: nothing has come back, and the caller is still there. */
  readonly retryable: boolean;

  constructor(
    readonly kind: UpstreamFailureKind,
    message: string,
    /** The system's own code (ECONNREFUSED, …), where there is one. */
    readonly code?: string,
    /** Whether the connection was up, so that the server may be at work on the call. */
    readonly reached = false,
  ) {
    super(message);
    this.retryable = kind !== "aborted";
  }

  /** Nobody listens at that address: one such failure says as much as several others. */
  get refused(): boolean {
    return this.code === "ECONNREFUSED";
  }
}

interface SystemError {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** The parser's faults, and what Node refuses to write into a request. */
const NOT_HTTP = /^(HPE_|ERR_INVALID_CHAR|ERR_HTTP_|ERR_UNESCAPED_CHARACTERS)/;

/** Names the fault that Node reports; `connected` says whether the connection was up when it came. */
export function failureFrom(error: unknown, connected: boolean, where: string): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  const { code, message } = (typeof error === "object" && error !== null ? error : {}) as SystemError;
  const name = typeof code === "string" ? code : undefined;
  const text = typeof message === "string" && message !== "" ? message : (name ?? "unknown fault");
  if (name !== undefined && NOT_HTTP.test(name)) return new UpstreamFailure("protocol", `${where}: ${text}`, name, connected);
  return new UpstreamFailure(connected ? "reset" : "connect", `${where}: ${text}`, name, connected);
}
