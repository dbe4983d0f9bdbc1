/** Epoch milliseconds. Passed in, so that a test can turn the hands. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
