import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { Fault } from "./fault";
import { faultLines } from "./faultLines";

export interface ConfigStatus {
  /** True while the file holds something else than what is in force: it was changed and refused (docs/rules.md R2). */
  readonly stale: boolean;
  /** Stale: what is wrong with the file. Else the warnings of what is in force. */
  readonly faults: readonly Fault[];
  /** Of what is in force. */
  readonly revision: string;
  readonly loadedAt: number;
  /** The last change that was refused since this process started, put right or not; with the texts of the faulty lines. */
  readonly refused?: RefusedChange;
  /** Keys in the file in force that differ from what the process started with (R3). */
  readonly restartKeys: readonly string[];
}

export interface RefusedChange {
  readonly at: number;
  readonly faults: readonly Fault[];
  readonly lines: ReadonlyMap<number, string>;
}

export type ConfigListener = (next: ConfigSnapshot, previous: ConfigSnapshot) => void;

/** The configuration in force. A request calls `get()` once and keeps what it got to its end (R1). */
export interface CurrentConfig {
  get(): ConfigSnapshot;
  status(): ConfigStatus;
  /** @returns ends the subscription */
  subscribe(listener: ConfigListener): () => void;
}

/** The side of whoever loads: everybody else only reads. */
export interface ConfigHolder extends CurrentConfig {
  /** One assignment; nothing is merged into what was there (R1). */
  swap(next: ConfigSnapshot, warnings: readonly Fault[], restartKeys?: readonly string[]): void;
  /** The file is not usable: what is in force stays (R2). */
  refuse(faults: readonly Fault[], source?: string): void;
}

/** @param onError hears what a listener throws; the others are still told */
export function holdConfig(
  first: ConfigSnapshot,
  warnings: readonly Fault[] = [],
  onError: (error: unknown) => void = () => undefined,
): ConfigHolder {
  let current = first;
  let faults = warnings;
  let stale = false;
  let refused: RefusedChange | undefined;
  let restartKeys: readonly string[] = [];
  const listeners = new Set<ConfigListener>();
  return {
    get: () => current,
    status: () => ({ stale, faults, revision: current.revision, loadedAt: current.loadedAt, restartKeys, ...(refused ? { refused } : {}) }),
    subscribe: (listener) => {
      // A function given twice is two subscriptions.
      const own: ConfigListener = (next, previous) => listener(next, previous);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    swap: (next, nextWarnings, nextRestartKeys = []) => {
      const previous = current;
      current = next;
      faults = nextWarnings;
      restartKeys = nextRestartKeys;
      stale = false;
      for (const listener of [...listeners]) {
        try {
          listener(next, previous);
        } catch (error) {
          onError(error);
        }
      }
    },
    refuse: (nextFaults, source = "") => {
      faults = nextFaults;
      refused = { at: Date.now(), faults: nextFaults, lines: faultLines(source, nextFaults) };
      stale = true;
    },
  };
}
