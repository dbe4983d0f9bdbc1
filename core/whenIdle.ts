export interface WhenIdleOptions {
  readonly everyMs?: number;
  /** After so many looks the work is done all the same. */
  readonly mostLooks?: number;
}

/**
 * Does work that nobody waits for, piece by piece, each at a moment when nothing runs: what the first call would pay for
 * otherwise, and what a start need not wait for. Keeps no process alive. @returns a function that ends it
 */
export function whenIdle(isIdle: () => boolean, pieces: readonly (() => unknown)[], options: WhenIdleOptions = {}): () => void {
  const { everyMs = 100, mostLooks = 20 } = options;
  const left = [...pieces];
  let looks = 0;
  const timer = setInterval(() => {
    looks += 1;
    if (!isIdle() && looks < mostLooks) return;
    looks = 0;
    left.shift()?.();
    if (left.length === 0) clearInterval(timer);
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
