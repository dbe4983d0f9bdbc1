import { nestsDeeperThan } from "./jsonScan";

/** What a request body is read for, beside its bytes. */
export interface RequestHead {
  readonly ok: true;
  /**
   * The parsed body. Of a name that comes twice it has the last value. A member named `__proto__` is a plain member
   * here; copy with spread, never with `Object.assign`.
   */
  readonly json: Readonly<Record<string, unknown>>;
  /** Raw: who looks it up checks that it is a text. */
  readonly model: unknown;
  /** `stream: true`, and nothing that only looks like it. */
  readonly stream: boolean;
  /** The caller wants the usage chunk of a stream. */
  readonly includeUsage: boolean;
}

export interface UnreadableRequest {
  readonly ok: false;
  readonly reason: "empty" | "invalid_json" | "not_an_object" | "too_deep";
}

/** Far more than any client nests, far less than any reader's stack. */
const DEEPEST = 1_000;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const refuse = (reason: UnreadableRequest["reason"]): UnreadableRequest => ({ ok: false, reason });

/** Parses a request body once. Depth is looked at first, so that nothing that walks the result can overflow. */
export function readRequestHead(body: Buffer): RequestHead | UnreadableRequest {
  if (body.length === 0) return refuse("empty");
  if (body.length > DEEPEST && nestsDeeperThan(body, DEEPEST)) return refuse("too_deep");
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch {
    return refuse("invalid_json");
  }
  if (!isObject(json)) return refuse("not_an_object");
  const own = (name: string): unknown => (Object.hasOwn(json, name) ? json[name] : undefined);
  const options = own("stream_options");
  return {
    ok: true,
    json,
    model: own("model"),
    stream: own("stream") === true,
    includeUsage: isObject(options) && options["include_usage"] === true,
  };
}
