// Preloaded into a gateway under test (`node --require`): Node's own time for an upload is 5 minutes, and is looked at twice a minute.
import http from "node:http";

type CreateServer = (options: http.ServerOptions, listener?: http.RequestListener) => http.Server;

const createServer = http.createServer as CreateServer;
const patient: CreateServer = (options, listener) =>
  typeof options === "function" ? createServer({ ...SHORT }, options) : createServer({ ...options, ...SHORT }, listener);
const SHORT = { requestTimeout: 1_500, headersTimeout: 1_000, connectionsCheckingInterval: 200 } as const;
(http as { createServer: CreateServer }).createServer = patient;
