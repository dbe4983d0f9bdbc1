import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Server as TlsServer } from "node:tls";
import type { OwnAddress } from "../adapters/loopback/chatCaller";
import { faultLine, type Fault } from "../config/fault";
import { StartRefused } from "../errors/startError";
import type { Environment } from "../environment";
import type { Logger } from "../logger";
import { withExpressShapes } from "./expressShape";
import { openFrontDoor, type FrontDoor, type FrontDoorOptions } from "./frontDoor";
import { loadHostModules } from "./hostModules";
import { readGatewayFile, readSystemFile, type GatewayFile, type HostFile, type SystemFile } from "./hostFiles";
import { loadPlugins, type LoadedPlugins } from "./pluginLoading";
import { openOwnDoor } from "./ownDoor";
import { checkPipelines, usesOwnPoliciesOnly, usesPolicy } from "./preflight";
import { provideServices, type GatewayServices } from "./services";

/** A host that listens. One per process: Express Gateway keeps its state in modules. */
export interface Gateway {
  readonly servers: readonly Server[];
  /** `http://127.0.0.1:8080` of the first listener. */
  readonly address: string;
  readonly frontDoor: FrontDoor;
  /** Reads gateway.config.yml again; puts it in force whole, or leaves everything and tells why not. */
  reload(): Promise<readonly Fault[]>;
  close(graceMs: number): Promise<void>;
}

/** The two files, read and held against the plugins; nothing is opened. */
export interface CheckedHost {
  readonly gateway: HostFile<GatewayFile>;
  readonly system: HostFile<SystemFile>;
  readonly plugins: LoadedPlugins;
}

/**
 * Reads and checks both of the host's files and loads every plugin.
 * @throws StartRefused with every fault, each with its file and line
 */
export async function checkHost(environment: Environment, env: NodeJS.ProcessEnv): Promise<CheckedHost> {
  const [gateway, system] = await Promise.all([
    readGatewayFile(environment.gatewayConfigFile, env),
    readSystemFile(environment.systemConfigFile, env),
  ]);
  const { loaded: plugins, faults } = loadPlugins(system);
  // With a plugin missing, every pipeline that uses it would be blamed as well: one cause, one line.
  const orderFaults = faults.length === 0 ? checkPipelines(gateway, plugins) : [];
  const all = [...system.faults, ...gateway.faults, ...faults, ...orderFaults];
  if (all.length > 0) throw new StartRefused(all.map(faultLine));
  return { gateway, system, plugins };
}

export interface GatewayOptions extends Omit<FrontDoorOptions, "ownPoliciesOnly" | "hasHostCors"> {
  /** Several processes share the listeners: what this one asks of itself needs a way of its own. */
  readonly isWorker?: boolean;
}

/**
 * Starts Express Gateway with its two files as checked.
 * @throws StartRefused when it cannot listen, or refuses the pipelines
 */
export async function bootGateway(
  environment: Environment, checked: CheckedHost, services: GatewayServices, options: GatewayOptions, env: NodeJS.ProcessEnv,
): Promise<Gateway> {
  provideServices(services);
  const host = new Host();
  host.configure(checked);
  const doors: FrontDoor[] = [];
  const servers: Server[] = [];
  // In the listen callback itself, so that not one request reaches the host without us.
  const onReady = ({ httpServer }: { httpServer: Server }) => {
    servers.push(httpServer);
    doors.push(openFrontDoor(httpServer, services, { ...options, ownPoliciesOnly: () => host.ownPoliciesOnly, hasHostCors: () => host.hasHostCors }));
  };
  host.bus.on("http-ready", onReady).on("https-ready", onReady);
  const refused = (error: Error) => new StartRefused([`the gateway could not start: ${error.message}`]);
  await host.start().catch((error: Error) => Promise.reject(refused(error)));
  const frontDoor = joinDoors(doors);
  const own = plainest(servers);
  const door = options.isWorker && own ? await openOwnDoor(own) : undefined;
  services.ownAddress.current = own && { ...ownAddressOf(own), ...(door && { host: door.host, port: door.port }) };
  return {
    servers,
    address: addressOf(servers[0]),
    frontDoor,
    reload: () => reload(environment, env, checked, host, services.logger),
    close: (graceMs) => {
      door?.close();
      return closeAll(servers, frontDoor, graceMs);
    },
  };
}

/** The host with its configuration: what is put in force was built once before. */
class Host {
  private readonly modules = loadHostModules();
  /** Of the pipelines in force. */
  ownPoliciesOnly = false;
  hasHostCors = false;

  get bus() {
    return this.modules.bus;
  }

  configure(checked: CheckedHost): void {
    const { config } = this.modules;
    config.gatewayConfig = structuredClone(checked.gateway.value ?? {});
    const plugins = Object.fromEntries([...checked.plugins.packages].map(([name, location]) => [name, { package: location }]));
    this.ownPoliciesOnly = usesOwnPoliciesOnly(checked.gateway.value, checked.plugins);
    this.hasHostCors = usesPolicy(checked.gateway.value, "cors");
    config.systemConfig = { ...checked.system.value, plugins };
  }

  async start(): Promise<void> {
    const { config, plugins, start } = this.modules;
    let fail: (error: Error) => void = () => undefined;
    const failed = new Promise<never>((_resolve, reject) => (fail = reject));
    // The host hears of no error of its servers: a port that is taken would be an exception that nobody catches.
    const work = () => Promise.race([start({ plugins: plugins.load({ config }), config }), failed]);
    await withExpressShapes(work, (server) => server.once("error", (error) => fail(error)));
  }

  /** Builds the pipelines of a candidate without putting them in force. @throws what the host says against it */
  async rehearse(gatewayFile: GatewayFile): Promise<void> {
    const { pipelines, policies, express } = this.modules;
    policies.load(gatewayFile.policies);
    await pipelines.bootstrap({ app: express.Router(), config: { gatewayConfig: structuredClone(gatewayFile) } });
  }

  async putInForce(gatewayFile: GatewayFile, plugins: LoadedPlugins): Promise<void> {
    const { config, bus } = this.modules;
    this.ownPoliciesOnly = false;
    config.gatewayConfig = structuredClone(gatewayFile);
    bus.emit("hot-reload", { type: "gateway", config });
    // The host swaps its router after the microtasks of building it.
    await new Promise((resolve) => setImmediate(resolve));
    this.ownPoliciesOnly = usesOwnPoliciesOnly(gatewayFile, plugins);
    this.hasHostCors = usesPolicy(gatewayFile, "cors");
  }
}

async function reload(
  environment: Environment, env: NodeJS.ProcessEnv, checked: CheckedHost, host: Host, logger: Logger,
): Promise<readonly Fault[]> {
  const gateway = await readGatewayFile(environment.gatewayConfigFile, env);
  const faults = [...gateway.faults, ...checkPipelines(gateway, checked.plugins)];
  if (faults.length > 0 || !gateway.value) return faults;
  try {
    await host.rehearse(gateway.value);
  } catch (error) {
    return [gateway.source.fault(["pipelines"], `the host refuses these pipelines: ${error instanceof Error ? error.message : String(error)}`)];
  }
  await host.putInForce(gateway.value, checked.plugins);
  const listeners = ({ http, https }: Partial<GatewayFile> = {}) => JSON.stringify([http, https]);
  if (listeners(gateway.value) !== listeners(checked.gateway.value)) {
    logger.warn({ file: environment.gatewayConfigFile }, "http and https were changed: that needs a restart");
  }
  return [];
}

function joinDoors(doors: readonly FrontDoor[]): FrontDoor {
  return {
    active: () => doors.reduce((sum, door) => sum + door.active(), 0),
    endCalls: (which, error) => doors.forEach((door) => door.endCalls(which, error)),
    drain: () => doors.forEach((door) => door.drain()),
    endForShutdown: () => doors.forEach((door) => door.endForShutdown()),
    settled: () => Promise.all(doors.map((door) => door.settled())).then(() => undefined),
    close: () => doors.forEach((door) => door.close()),
  };
}

function addressOf(server: Server | undefined): string {
  const address = server?.address() as AddressInfo | null;
  if (!address) return "(nothing listens)";
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

const isTls = (server: Server): boolean => server instanceof TlsServer;

/** One without TLS where there is one. */
function plainest(servers: readonly Server[]): Server | undefined {
  return servers.find((one) => !isTls(one)) ?? servers[0];
}

/** How this machine reaches us. */
function ownAddressOf(server: Server): OwnAddress {
  const { address, port } = server.address() as AddressInfo;
  const host = address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
  return { host, port, tls: isTls(server) };
}

/** After the grace: for an error event to reach a caller who reads. */
const LAST_WORDS_MS = 2_000;

/** Stops listening, lets running requests finish within the grace period, then ends them; resolves when every call is booked (docs/wire.md W41, W86). */
async function closeAll(servers: readonly Server[], frontDoor: FrontDoor, graceMs: number): Promise<void> {
  frontDoor.drain();
  const grace = setTimeout(() => frontDoor.endForShutdown(), graceMs);
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const idle = setInterval(() => server.closeIdleConnections(), 200);
      const force = setTimeout(() => server.closeAllConnections(), graceMs + LAST_WORDS_MS);
      return closed.finally(() => {
        clearInterval(idle);
        clearTimeout(force);
      });
    }),
  );
  clearTimeout(grace);
  await frontDoor.settled();
  frontDoor.close();
}
