/** One row of the registry: what a caller may meet, and nothing else. docs/errors.md lists the same rows, held by a test. */
export interface ErrorCode {
  readonly status: number;
  readonly type:
    | "invalid_request_error"
    | "authentication_error"
    | "permission_error"
    | "insufficient_quota"
    | "rate_limit_error"
    | "server_error";
  /** What happened and what to do next, where the place that throws has nothing better to say. */
  readonly message: string;
}

const row = (status: number, type: ErrorCode["type"], message: string): ErrorCode => ({ status, type, message });

/** Code → status, type, public sentence (docs/wire.md, Errors). */
export const ERROR_CODES = {
  invalid_json: row(400, "invalid_request_error", "The request body is not valid JSON. Send a JSON object."),
  invalid_request: row(400, "invalid_request_error", "The request is malformed."),
  missing_required_parameter: row(400, "invalid_request_error", "A required parameter is missing."),
  unsupported_parameter: row(400, "invalid_request_error", "A parameter is not supported here."),
  endpoint_not_supported: row(400, "invalid_request_error", "This model is not served on this path. Choose another model or path."),
  invalid_api_key: row(401, "authentication_error", "The API key is missing or not valid. Send it as 'Authorization: Bearer sk_…'."),
  account_disabled: row(403, "permission_error", "This account is deactivated. Ask an administrator to activate it."),
  csrf_refused: row(403, "permission_error", "This form is too old, or did not come from a page of this site. Go back, reload the page, and try again."),
  model_access_denied: row(403, "permission_error", "This model is not available to you."),
  consent_required: row(403, "permission_error", "This model needs a one-time consent before it can be used."),
  no_budget: row(403, "permission_error", "No coin pool is set up for this account. Ask an administrator for a budget."),
  model_not_found: row(404, "invalid_request_error", "There is no such model. GET /v1/models lists the models you can use."),
  not_found: row(404, "invalid_request_error", "There is nothing at this address."),
  method_not_allowed: row(405, "invalid_request_error", "This method is not allowed here."),
  request_timeout: row(408, "invalid_request_error", "The request did not arrive in time. Send it again."),
  request_too_large: row(413, "invalid_request_error", "The request body is too large."),
  unsupported_media_type: row(415, "invalid_request_error", "This content type or encoding is not supported. Send application/json."),
  headers_too_large: row(431, "invalid_request_error", "The request headers are too large."),
  insufficient_quota: row(429, "insufficient_quota", "Your coins are used up."),
  rate_limit_exceeded: row(429, "rate_limit_error", "Too many requests. Wait and try again."),
  internal_error: row(500, "server_error", "Something went wrong inside the gateway. Try again; if it stays, report the request id."),
  policy_timeout: row(500, "server_error", "A step of the gateway did not finish. Report the request id to the administrator."),
  upstream_error: row(502, "server_error", "The model server could not answer this request. Try again."),
  upstream_incomplete: row(502, "server_error", "The model server broke off its answer. Try again."),
  upstream_quota: row(503, "server_error", "The institution's account at this provider is exhausted. Tell the administrator."),
  no_healthy_endpoint: row(503, "server_error", "No server of this model is available right now. Try again shortly."),
  store_unavailable: row(503, "server_error", "The gateway cannot keep its books right now. Try again shortly."),
  overloaded: row(503, "server_error", "The gateway is busy. Try again shortly."),
  shutting_down: row(503, "server_error", "The gateway is restarting. Try again shortly."),
  upstream_timeout: row(504, "server_error", "The model server did not answer in time. Try again."),
} as const satisfies Record<string, ErrorCode>;

export type ErrorCodeName = keyof typeof ERROR_CODES;
