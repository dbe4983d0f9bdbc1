import Module, { createRequire } from "node:module";
import type { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { flattenRouters, type RouterPrototype } from "./flatRouters";
import { shareContextPrototype } from "./hostContext";

/** The parts of Express Gateway that are used; it has types only for its public start. */
export interface HostModules {
  readonly config: { gatewayConfig: object; systemConfig: object };
  readonly plugins: { load(context: { config: object }): object };
  readonly start: (context: { plugins: object; config: object }) => Promise<{ app?: Server; httpsApp?: Server }>;
  readonly pipelines: { bootstrap(context: { app: object; config: { gatewayConfig: object } }): Promise<unknown> };
  readonly policies: { load(names: readonly string[]): void };
  readonly bus: EventEmitter;
  /** The host's own Express, not one that happens to be installed beside it. */
  readonly express: { Router(): object };
}

/** Loads the host: late, because its modules read files and the environment as they load. */
export function loadHostModules(): HostModules {
  // Its own watcher waits two seconds and takes over what it did not check.
  process.env["EG_DISABLE_CONFIG_WATCH"] = "1";
  const load = createRequire(require.resolve("express-gateway/package.json"));
  openDatabaseLate(load);
  shareContextPrototype(load);
  flattenRouters((load("express") as { Router: RouterPrototype }).Router);
  // Its start-up chatter; its `log` policy makes a logger of its own later, which stays as it is.
  const loggers = load("./lib/logger") as Record<string, { level?: string }>;
  for (const logger of Object.values(loggers)) if (logger.level === "info") logger.level = "warn";
  const host = <T>(name: string): T => load(name) as T;
  return {
    config: host("./lib/config"),
    plugins: host("./lib/plugins"),
    start: host("./lib/gateway"),
    pipelines: host("./lib/gateway/pipelines"),
    policies: host("./lib/policies"),
    bus: host("./lib/eventBus"),
    express: host("express"),
  };
}

/**
 * The host opens its database, an emulated one with a Lua interpreter, as its modules load; only its own policies for users and
 * credentials ever ask it. It is opened when one of them does, which takes a tenth of a second off each start.
 */
function openDatabaseLate(load: NodeJS.Require): void {
  const file = load.resolve("./lib/db");
  if (load.cache[file]) return;
  let database: object | undefined;
  const open = (): object => {
    if (database) return database;
    delete load.cache[file];
    return (database = load(file) as object);
  };
  const late = new Proxy({}, {
    get(_target, name) {
      const value: unknown = Reflect.get(open(), name);
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(open()) : value;
    },
    has: (_target, name) => Reflect.has(open(), name),
  });
  load.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true, exports: late });
}
