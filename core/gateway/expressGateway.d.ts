// The parts of Express Gateway that the host uses; its own types cover only its public start.
declare module "express-gateway/lib/config" {
  const config: { gatewayConfig: object; systemConfig: object };
  export default config;
}
declare module "express-gateway/lib/plugins" {
  const plugins: { load(context: { config: object }): object };
  export default plugins;
}
declare module "express-gateway/lib/gateway" {
  import type { Server } from "node:http";
  const start: (context: { plugins: object; config: object }) => Promise<{ app?: Server; httpsApp?: Server }>;
  export default start;
}
declare module "express-gateway/lib/gateway/pipelines" {
  const pipelines: { bootstrap(context: { app: object; config: { gatewayConfig: object } }): Promise<unknown> };
  export default pipelines;
}
declare module "express-gateway/lib/policies" {
  const policies: { load(names: readonly string[]): void };
  export default policies;
}
declare module "express-gateway/lib/eventBus" {
  import type { EventEmitter } from "node:events";
  const bus: EventEmitter;
  export default bus;
}
declare module "express-gateway/lib/logger" {
  const loggers: Record<string, { level?: string }>;
  export default loggers;
}
