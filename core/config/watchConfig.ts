import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { Logger } from "../logger";
import { holdConfig, type CurrentConfig } from "./currentConfig";
import { faultLine, type Fault } from "./fault";
import { keepLastGood } from "./lastGood";
import { loadText, unreadable, type Env, type LoadOptions } from "./loadConfig";
import { changedRestartKeys, keepRestartKeys } from "./restartKeys";
import { watchFile, type FileChange, type WatchFileOptions } from "./watchFile";

export interface WatchConfigOptions extends LoadOptions {
  readonly file: string;
  readonly env: Env;
  readonly logger: Logger;
  /** What is in force now. */
  readonly first: ConfigSnapshot;
  /** The text of the file as it was read last, in force or not. */
  readonly known: string;
  /** What was found in it. With errors among them, the file is refused from the beginning. */
  readonly faults?: readonly Fault[];
  /** Where the last good file is kept; nowhere without it. */
  readonly lastGoodFolder?: string;
  readonly watch?: WatchFileOptions;
}

/** A configuration that follows its file until it is closed. */
export interface WatchedConfig extends CurrentConfig {
  close(): Promise<void>;
}

/** Follows the file: read aside, validated whole, swapped in one assignment, or refused with every fault (docs/rules.md R1–R3). */
export async function watchConfig(options: WatchConfigOptions): Promise<WatchedConfig> {
  const { file, env, logger, first: started, faults = [] } = options;
  const holder = holdConfig(started, faults, (error) => logger.error({ cause: String(error) }, "a part of Lumen could not follow the changed configuration"));
  if (faults.some(isError)) holder.refuse(faults, options.known);

  const refuse = (refused: readonly Fault[], source?: string): void => {
    holder.refuse(refused, source);
    const lines = refused.filter(isError).map(faultLine);
    logger.error({ file, revision: holder.get().revision, faults: lines }, `${file} was changed and refused; the running configuration stays: ${lines.join("; ")}`);
  };

  const follow = async (change: FileChange): Promise<void> => {
    if (change.text === undefined) return refuse([unreadable(file, change.problem)]);
    const { snapshot, faults: found } = await loadText(change.text, file, env, options);
    if (!snapshot) return refuse(found, change.text);
    const changed = changedRestartKeys(started, snapshot);
    if (changed.length > 0) logger.warn({ file, keys: changed }, `takes a restart to be in force: ${changed.join(", ")}`);
    logWarnings(logger, file, found);
    const previous = holder.get().revision;
    holder.swap(keepRestartKeys(started, snapshot), found, changed);
    logger.info({ file, revision: snapshot.revision, previous }, `${file} was changed and is in force`);
    await keep(options, change.text);
  };

  const onError = (error: unknown): void => logger.error({ file, cause: String(error) }, `following ${file} failed`);
  let following: Promise<void> | undefined;
  const watch = await watchFile(file, (change) => (following = follow(change)), { onError, ...options.watch, known: options.known });
  return {
    get: () => holder.get(),
    status: () => holder.status(),
    subscribe: (listener) => holder.subscribe(listener),
    close: async () => {
      await watch.close();
      await following?.catch(() => undefined);
    },
  };
}

export function logWarnings(logger: Logger, file: string, faults: readonly Fault[]): void {
  const warnings = faults.filter((fault) => !isError(fault)).map(faultLine);
  if (warnings.length > 0) logger.warn({ file, warnings }, `${file}: ${warnings.join("; ")}`);
}

/** Not being able to keep a copy is no reason not to run. */
export async function keep({ lastGoodFolder, logger }: Pick<WatchConfigOptions, "lastGoodFolder" | "logger">, source: string): Promise<void> {
  if (lastGoodFolder === undefined) return;
  await keepLastGood(lastGoodFolder, source).catch((error: unknown) =>
    logger.warn({ folder: lastGoodFolder, cause: String(error) }, "the last good configuration could not be kept"));
}

export function isError({ severity }: Fault): boolean {
  return severity === "error";
}
