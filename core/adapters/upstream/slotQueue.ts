import type { CatalogModel } from "../../domain/modelCatalog";
import type { EndpointLease } from "./endpointLease";
import type { CallerResponse } from "./upstreamCall";

/** Longer lines only make everybody wait in vain. */
const MAX_WAITING = 256;

export interface SlotQueue {
  wait(model: CatalogModel, tried: ReadonlySet<string>, caller: CallerResponse, waitMs: number): Promise<EndpointLease | undefined>;
  /** Something has become free: hands it to whoever waits longest and can use it. */
  serve(): void;
  close(): void;
}

/** First come, first served: a place that is given back goes to the line before anybody new can see it. */
export function createSlotQueue(choose: (model: CatalogModel, tried: ReadonlySet<string>) => EndpointLease | undefined): SlotQueue {
  const waiting = new Set<Waiter>();

  return {
    wait(model, tried, caller, waitMs) {
      if (caller.closed || waitMs <= 0 || waiting.size >= MAX_WAITING) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const done = (lease: EndpointLease | undefined): void => {
          clearTimeout(deadline);
          waiting.delete(waiter);
          caller.off("close", leave);
          resolve(lease);
        };
        const leave = (): void => done(undefined);
        const deadline = setTimeout(leave, waitMs);
        const waiter: Waiter = { model, tried, done };
        caller.on("close", leave);
        waiting.add(waiter);
      });
    },
    serve() {
      for (const waiter of waiting) {
        const lease = choose(waiter.model, waiter.tried);
        if (lease !== undefined) waiter.done(lease);
      }
    },
    close() {
      for (const waiter of waiting) waiter.done(undefined);
    },
  };
}

interface Waiter {
  readonly model: CatalogModel;
  readonly tried: ReadonlySet<string>;
  done(lease: EndpointLease | undefined): void;
}
