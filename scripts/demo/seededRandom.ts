/** Random numbers that are the same for the same seed. */
export interface SeededRandom {
  /** From 0 up to, and not with, 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  pick<T>(of: readonly T[]): T;
  /** One of them, each as often as its weight says. */
  weighted<T>(of: readonly (readonly [T, number])[]): T;
  /** Around `median`, with a long tail upwards: what lengths of texts look like. */
  skewed(median: number): number;
  /** Whole, on the average `mean`, but never far away. */
  count(mean: number): number;
}

/** Mulberry32: 32 bits of state, good enough for data that only has to look alive, and for a load that is the same again. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = <T>(of: readonly T[]): T => {
    const found = of[Math.floor(next() * of.length)];
    if (found === undefined) throw new RangeError("nothing to pick from");
    return found;
  };
  return {
    next,
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick,
    weighted: (of) => {
      let left = next() * of.reduce((sum, [, weight]) => sum + weight, 0);
      const found = of.find(([, weight]) => (left -= weight) < 0) ?? of.at(-1);
      if (!found) throw new RangeError("nothing to pick from");
      return found[0];
    },
    skewed: (median) => Math.max(1, Math.round(median * Math.exp((next() + next() + next() - 1.5) * 1.6))),
    count: (mean) => Math.max(0, Math.floor(mean * (0.5 + next()) + next())),
  };
}
