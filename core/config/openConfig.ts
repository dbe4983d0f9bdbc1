import path from "node:path";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { StartRefused } from "../errors/startError";
import type { Logger } from "../logger";
import { faultLine } from "./fault";
import { lastGoodFile } from "./lastGood";
import { loadConfig, type Env, type LoadedConfig } from "./loadConfig";
import { isError, keep, logWarnings, watchConfig, type WatchedConfig } from "./watchConfig";
import type { WatchFileOptions } from "./watchFile";

export type OpenConfig = WatchedConfig;

export interface OpenConfigOptions {
  /** Of core/environment.ts. */
  readonly environment: { readonly root: string; readonly configFile: string; readonly dataFolder: string };
  readonly env: Env;
  readonly logger: Logger;
  /** `lumen start --last-good`: where the file is broken, start with the one that was in force last. */
  readonly lastGood?: boolean;
  readonly watch?: WatchFileOptions;
}

/**
 * The configuration of this process, read and followed. A broken file refuses the start: better no service than one
 * with other rules than its operators think (docs/configuration.md).
 * @throws StartRefused with a line for each fault
 */
export async function openConfig({ environment, env, logger, lastGood = false, watch }: OpenConfigOptions): Promise<OpenConfig> {
  const { configFile: file, dataFolder: lastGoodFolder, root } = environment;
  const themesFolder = path.join(root, "themes");
  const loaded = await loadConfig(file, env, { themesFolder });
  const inForce = loaded.snapshot ?? (await loadLastGood(loaded, lastGoodFile(lastGoodFolder), env, lastGood));
  if (loaded.snapshot) {
    logWarnings(logger, file, loaded.faults);
    await keep({ lastGoodFolder, logger }, loaded.source);
  } else {
    const lines = loaded.faults.filter(isError).map(faultLine);
    logger.error({ file, faults: lines }, `${file} is broken; started with the last good one: ${lines.join("; ")}`);
  }
  logger.setLevel(inForce.logs.level);
  const config = await watchConfig({
    file, env, logger, themesFolder, lastGoodFolder, watch, first: inForce, known: loaded.source, faults: loaded.faults,
  });
  config.subscribe((next) => logger.setLevel(next.logs.level));
  return config;
}

async function loadLastGood(broken: LoadedConfig, kept: string, env: Env, wanted: boolean): Promise<ConfigSnapshot> {
  const lines = broken.faults.filter(isError).map(faultLine);
  const { snapshot, faults } = await loadConfig(kept, env);
  if (wanted && snapshot) return snapshot;
  if (wanted) throw new StartRefused([...lines, "Nor can the last good configuration be used:", ...faults.filter(isError).map(faultLine)]);
  if (snapshot) lines.push(`What was in force last is kept in ${kept}; \`lumen start --last-good\` starts with it.`);
  throw new StartRefused(lines);
}
