import type { CatalogModel } from "../../domain/modelCatalog";
import type { EndpointLease } from "./endpointLease";
import type { CallerResponse } from "./upstreamCall";

/** Longer lines only make everybody wait in vain. */
const MOST_WAITING = 256;

/** A call that wants a place. */
export interface WaitingCall {
  readonly model: CatalogModel;
  readonly tried: ReadonlySet<string>;
  readonly caller: CallerResponse;
  /** Whose call it is: places go round among owners. Default: one nameless owner. */
  readonly owner?: string;
  readonly session?: number;
  readonly waitMs: number;
}

export interface SlotQueue {
  /** Undefined when there was no place in `waitMs`, the line is full, or the caller left. */
  wait(call: WaitingCall): Promise<EndpointLease | undefined>;
  /** Something has become free: hands it to those whose turn it is. */
  serve(): void;
  /** Calls in line. */
  waiting(): number;
  close(): void;
}

interface Waiter {
  readonly call: WaitingCall;
  done(lease: EndpointLease | undefined): void;
}

/** Of one model: owners in the order of their turns, each with its calls in the order in which they came. */
type Line = Map<string, Set<Waiter>>;

/**
 * A line for each model, in which owners take turns (docs/wire.md W74): a place that is given back goes to the line before anybody
 * new can see it, and a burst of one owner delays nobody else by more than one call at a time. Where the line is full, whoever
 * has the most calls in it loses its latest to an owner that has fewer.
 */
export function createSlotQueue(choose: (call: WaitingCall) => EndpointLease | undefined): SlotQueue {
  const lines = new Map<CatalogModel, Line>();
  let size = 0;

  const enter = (waiter: Waiter, { model, owner = "" }: WaitingCall): void => {
    let line = lines.get(model);
    if (line === undefined) lines.set(model, (line = new Map<string, Set<Waiter>>()));
    const own = line.get(owner);
    if (own === undefined) line.set(owner, new Set([waiter]));
    else own.add(waiter);
    size++;
  };
  const leave = (waiter: Waiter, { model, owner = "" }: WaitingCall): void => {
    const line = lines.get(model);
    const own = line?.get(owner);
    if (line === undefined || own?.delete(waiter) !== true) return;
    size--;
    if (own.size === 0) line.delete(owner);
    if (line.size === 0) lines.delete(model);
  };
  /** Whether there is room for one more call of this owner; makes it where another has more than its part. */
  const hasRoom = ({ model, owner = "" }: WaitingCall): boolean => {
    if (size < MOST_WAITING) return true;
    const longest = longestOf(lines);
    if (longest.size <= (lines.get(model)?.get(owner)?.size ?? 0) + 1) return false;
    [...longest].at(-1)?.done(undefined);
    return true;
  };

  return {
    wait(call) {
      if (call.caller.closed || call.waitMs <= 0 || !hasRoom(call)) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const done = (lease: EndpointLease | undefined): void => {
          clearTimeout(deadline);
          leave(waiter, call);
          call.caller.off("close", giveUp);
          resolve(lease);
        };
        const giveUp = (): void => done(undefined);
        const deadline = setTimeout(giveUp, call.waitMs);
        const waiter: Waiter = { call, done };
        call.caller.on("close", giveUp);
        enter(waiter, call);
      });
    },
    serve() {
      for (const line of lines.values()) serveLine(line, choose);
    },
    waiting: () => size,
    close() {
      for (const line of lines.values()) for (const own of line.values()) for (const waiter of own) waiter.done(undefined);
    },
  };
}

/** Round and round the owners, one call each, until there is no place. */
function serveLine(line: Line, choose: (call: WaitingCall) => EndpointLease | undefined): void {
  for (const [owner, own] of line) {
    const [waiter] = own;
    const lease = waiter && choose(waiter.call);
    if (waiter === undefined || lease === undefined) return;
    waiter.done(lease);
    // To the end of the round; this loop comes to it again there.
    if (own.size > 0) {
      line.delete(owner);
      line.set(owner, own);
    }
  }
}

function longestOf(lines: ReadonlyMap<CatalogModel, Line>): ReadonlySet<Waiter> {
  let longest: ReadonlySet<Waiter> = new Set();
  for (const line of lines.values()) {
    for (const own of line.values()) {
      if (own.size > longest.size) longest = own;
    }
  }
  return longest;
}
