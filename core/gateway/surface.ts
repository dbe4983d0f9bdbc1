import type { Capability } from "../domain/modelCatalog";
import type { Operation } from "../domain/ledgerEntry";

/** One path of the API: an allow-list, never a prefix (docs/wire.md, Surface). */
export interface ApiRoute {
  readonly kind: "inference" | "models" | "model" | "account" | "receipt";
  readonly methods: readonly string[];
  /** Inference only: what is metered, and what the model must be able to do. */
  readonly operation?: Operation;
  readonly capability?: Capability;
  /** Inference only: a form with files (docs/wire.md W60); otherwise JSON. */
  readonly body?: "form";
  /** Inference only: the path below an upstream's base URL. */
  readonly upstreamPath?: string;
}

/** A route together with the part of the path that was a parameter. */
export interface RouteMatch {
  readonly route: ApiRoute;
  /** The model id of `/v1/models/{id}`, percent-decoded. */
  readonly modelId?: string;
  /** The id of `/v1/requests/{id}`, percent-decoded. */
  readonly requestId?: string;
}

const inference = (operation: Operation, upstreamPath: string, capability: Capability = operation as Capability): ApiRoute => ({
  kind: "inference",
  methods: ["POST"],
  operation,
  capability,
  upstreamPath,
});

const form = (operation: Operation, upstreamPath: string): ApiRoute => ({ ...inference(operation, upstreamPath), body: "form" });

const MODEL: ApiRoute = { kind: "model", methods: ["GET", "HEAD"] };
const MODEL_PREFIX = "/v1/models/";
const RECEIPT: ApiRoute = { kind: "receipt", methods: ["GET", "HEAD"] };
const RECEIPT_PREFIX = "/v1/requests/";

const POSTED = {
  "/chat/completions": inference("chat", "/chat/completions"),
  "/completions": inference("completions", "/completions"),
  "/responses": inference("responses", "/responses"),
  "/messages": inference("messages", "/messages"),
  "/messages/count_tokens": inference("count_tokens", "/messages/count_tokens", "messages"),
  "/embeddings": inference("embeddings", "/embeddings"),
  "/moderations": inference("moderations", "/moderations"),
  "/rerank": inference("rerank", "/rerank"),
  "/audio/transcriptions": form("transcriptions", "/audio/transcriptions"),
  "/audio/translations": form("translations", "/audio/translations"),
  "/audio/speech": inference("speech", "/audio/speech"),
  "/images/generations": inference("images", "/images/generations"),
  "/images/edits": form("images", "/images/edits"),
};

const ROUTES: ReadonlyMap<string, ApiRoute> = new Map<string, ApiRoute>([
  ["/v1/models", { kind: "models", methods: ["GET", "HEAD"] }],
  ["/v1/me", { kind: "account", methods: ["GET", "HEAD"] }],
  // People type base URLs with and without /v1; only the POST paths are served both ways.
  ...Object.entries(POSTED).flatMap(([path, route]): [string, ApiRoute][] => [[`/v1${path}`, route], [path, route]]),
]);

/** @param url the request target as it came, with its query */
export function findRoute(url: string): RouteMatch | undefined {
  const end = url.indexOf("?");
  const path = end < 0 ? url : url.slice(0, end);
  const route = ROUTES.get(path);
  if (route) return { route };
  const modelId = parameterOf(path, MODEL_PREFIX);
  if (modelId !== undefined) return { route: MODEL, modelId };
  const requestId = parameterOf(path, RECEIPT_PREFIX);
  return requestId === undefined || requestId.includes("/") ? undefined : { route: RECEIPT, requestId };
}

/** What stands behind a prefix, percent-decoded; undefined where nothing does, or nothing that can be decoded. */
function parameterOf(path: string, prefix: string): string | undefined {
  return path.startsWith(prefix) && path.length > prefix.length ? decodeSegment(path.slice(prefix.length)) : undefined;
}

/**
 * True for a path that only looks like one of the API's: other case, a slash at the end. The host would route it all the same,
 * past the checks that hang on the exact path.
 */
export function isNearMiss(url: string): boolean {
  const path = url.split("?", 1)[0] ?? "";
  const plain = path.toLowerCase().replace(/\/+$/, "");
  return plain !== path && (ROUTES.has(plain) || plain.startsWith(MODEL_PREFIX) || plain.startsWith(RECEIPT_PREFIX)) && findRoute(url) === undefined;
}

/** Whether a path belongs to programs, served or not: no page is there. */
export function isApiPath(url: string): boolean {
  return url.startsWith("/v1/") || findRoute(url) !== undefined;
}

/** Every path that the pipelines have to serve, as Express Gateway writes them in `apiEndpoints`. */
export function servedPaths(): readonly string[] {
  return [...ROUTES.keys(), `${MODEL_PREFIX}*`, `${RECEIPT_PREFIX}*`];
}

function decodeSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
