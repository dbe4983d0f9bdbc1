const FROM_MS = 200;

/**
 * Lets whoever in this process waits with `setTimeout` wait a fiftieth of the time: clients pause up to a minute between their tries.
 * Waits below 200 ms stay. @returns puts the clock right again
 */
export function hurryTimers(): () => void {
  const { setTimeout: real } = globalThis;
  const hurried = (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => real(callback, ms < FROM_MS ? ms : ms / 50, ...args);
  globalThis.setTimeout = Object.assign(hurried, { __promisify__: real.__promisify__ }) as typeof setTimeout;
  return () => {
    globalThis.setTimeout = real;
  };
}
