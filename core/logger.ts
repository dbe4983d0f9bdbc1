import pino from "pino";

/** Structured logging: error = someone must act now, warn = an upstream misbehaved, info = one line per exchange. */
export interface Logger {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  /** Whether `info` writes anything: where it does not, a line need not be put together. */
  readonly saysInfo: boolean;
  /** Changes the level from now on. */
  setLevel(level: string): void;
  /** Writes out what is buffered. */
  flush(): void;
}

/**
 * One JSON line an event on standard output, written in the background; `LUMEN_LOG_LEVEL` overrides the file's level.
 * @param worker the number of this process, where a node has several: on each line
 */
export function createLogger(worker?: number, level = process.env["LUMEN_LOG_LEVEL"] ?? "info"): Logger {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 250 });
  const log = pino({ level, base: worker === undefined ? null : { worker }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    error: (fields, message) => log.error(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    info: (fields, message) => log.info(fields, message),
    debug: (fields, message) => log.debug(fields, message),
    get saysInfo() {
      return log.isLevelEnabled("info");
    },
    setLevel: (next) => {
      if (process.env["LUMEN_LOG_LEVEL"] === undefined) log.level = next;
    },
    flush: () => {
      try {
        destination.flushSync();
      } catch {
        // Not opened yet: nothing was written.
      }
    },
  };
}

export const silentLogger: Logger = {
  error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined,
  saysInfo: false, setLevel: () => undefined, flush: () => undefined,
};
