import { existsSync } from "node:fs";
import path from "node:path";

/** Where this process finds its files: read once from the environment, honoured alike by the server and the command line. */
export interface Environment {
  /** The project root: the folder of package.json. */
  readonly root: string;
  /** `LUMEN_CONFIG`, default `config.yaml` in the root. */
  readonly configFile: string;
  /** `LUMEN_GATEWAY_CONFIG`, default `gateway.config.yml` in the root. */
  readonly gatewayConfigFile: string;
  /** `LUMEN_SYSTEM_CONFIG`, default `system.config.yml` in the root. */
  readonly systemConfigFile: string;
  /** `LUMEN_DATA`, default `data` in the root. */
  readonly dataFolder: string;
  /** `<data folder>.secrets`: secrets live beside the data, never in it. */
  readonly secretsFolder: string;
  /** `<data folder>.spool`: uploads while they are read; nothing in it outlives its call. */
  readonly spoolFolder: string;
  /** `LUMEN_STORE_URL`: goes before `store.url` of the configuration. Holds a password. */
  readonly storeUrl?: string;
  /** `LUMEN_PEPPER`: overrides the pepper file. */
  readonly pepper?: string;
  /** `LUMEN_GRAVATAR_URL`: where pictures of people are fetched; set and empty: nowhere. */
  readonly gravatarUrl: string;
}

/** @param cwd what relative paths in the variables start from */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env, cwd = process.cwd()): Environment {
  const root = projectRoot();
  const at = (value: string | undefined, fallback: string) => (value ? path.resolve(cwd, value) : path.join(root, fallback));
  const dataFolder = at(env["LUMEN_DATA"], "data");
  return {
    root,
    configFile: at(env["LUMEN_CONFIG"], "config.yaml"),
    gatewayConfigFile: at(env["LUMEN_GATEWAY_CONFIG"], "gateway.config.yml"),
    systemConfigFile: at(env["LUMEN_SYSTEM_CONFIG"], "system.config.yml"),
    dataFolder,
    secretsFolder: `${dataFolder}.secrets`,
    spoolFolder: `${dataFolder}.spool`,
    gravatarUrl: env["LUMEN_GRAVATAR_URL"] ?? "https://gravatar.com/avatar",
    ...(env["LUMEN_STORE_URL"] ? { storeUrl: env["LUMEN_STORE_URL"] } : {}),
    ...(env["LUMEN_PEPPER"] ? { pepper: env["LUMEN_PEPPER"] } : {}),
  };
}

/** The nearest folder above this file that holds a package.json: the same from the sources and from `dist/`. */
export function projectRoot(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, "package.json"))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${__dirname}`);
    folder = parent;
  }
  return folder;
}
