import { ERROR_CODES, type ErrorCodeName } from "./codes";

export interface CodedErrorDetails {
  /** In place of the code's own sentence. */
  readonly message?: string;
  /** The request parameter at fault. */
  readonly param?: string;
  /** Headers of the answer: `Retry-After`, `Allow`, … */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
  /** Extra members of the error object that clients may read. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The one kind of error whose text reaches a caller. Throw it from a policy to refuse; anything else becomes a 500. */
export class CodedError extends Error {
  override readonly name = "CodedError";
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(readonly code: ErrorCodeName, details: CodedErrorDetails = {}) {
    const { status, type, message } = ERROR_CODES[code];
    super(details.message ?? message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = status;
    this.type = type;
    this.param = details.param ?? null;
    this.headers = details.headers ?? {};
    this.extra = details.extra ?? {};
  }
}
