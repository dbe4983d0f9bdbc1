import type { IncomingMessage, ServerResponse } from "node:http";
import type { Decision } from "../domain/accessPolicy";
import type { ApiKey } from "../domain/apiKey";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { LedgerEntry } from "../domain/ledgerEntry";
import type { CatalogModel } from "../domain/modelCatalog";
import type { Owner } from "../domain/owner";
import type { Meter } from "../services/meterCall";
import type { RequestBody } from "./body";
import type { RouteMatch } from "./surface";

/** A typed place on the exchange for what a plugin wants to hand to a later policy of its own. */
export interface ExchangeSlot<T> {
  readonly name: string;
  /** Never set: carries the type. */
  readonly value?: T;
}

/** @param name for messages: `my-plugin/badge` */
export function exchangeSlot<T>(name: string): ExchangeSlot<T> {
  return { name };
}

/**
 * One request from its first byte to its settlement: everything that policies know of it. Policies talk to each other
 * through it and through services, never by importing one another.
 */
export class Exchange {
  /** `find` where it may be missing, `get…` where the pipeline's order guarantees it. */
  owner?: Owner;
  /** None where a person calls by the web chat. */
  apiKey?: ApiKey;
  /** Whether a program calls, or a person by the web chat. */
  via: "api" | "chat" = "api";
  /** The monitoring token instead of a key: no owner, and the model routes alone (docs/wire.md W82). */
  isMonitor = false;
  body?: RequestBody;
  model?: CatalogModel;
  decision?: Decision;
  meter?: Meter;
  /** Decoded, as asked for; the public name of the model once it was found. */
  modelName?: string;
  /** When the policy that runs now was entered; 0 once a policy has taken over the answer. The watchdog reads it. */
  waitingSince: number;
  /** Set by the policy that answers, for the log line. */
  endpointId?: string;
  entry?: LedgerEntry;
  /** Set by the policy that answers: settles once the call is booked. The log line waits for it. */
  booking?: Promise<unknown>;
  /** Set by who streams: ends an answer that has begun in its own protocol, because the gateway stops (docs/wire.md W86). */
  endStream?: () => void;
  private slots?: Map<ExchangeSlot<unknown>, unknown>;
  private endListeners?: ((exchange: Exchange) => void)[];
  private ended = false;

  constructor(
    /** UUIDv7; the caller sees it as `x-request-id`, the ledger keeps it. */
    readonly id: string,
    readonly req: IncomingMessage,
    readonly res: ServerResponse,
    /** The API path that matched; undefined on pages and on an operator's own endpoints. */
    readonly match: RouteMatch | undefined,
    /** The configuration that this request began with and keeps to its end (docs/rules.md R1). */
    readonly snapshot: ConfigSnapshot,
    /** Epoch milliseconds. */
    readonly startedAt: number,
  ) {
    this.waitingSince = startedAt;
  }

  /** The owner whom key-auth found. @throws when no policy authenticated the caller */
  getOwner(): Owner {
    return this.must(this.owner, "owner", "lumen-key-auth");
  }

  getModel(): CatalogModel {
    return this.must(this.model, "model", "model-access");
  }

  getDecision(): Decision {
    return this.must(this.decision, "access decision", "model-access");
  }

  getBody(): RequestBody {
    return this.must(this.body, "parsed body", "model-access");
  }

  getMeter(): Meter {
    return this.must(this.meter, "meter", "coin-metering");
  }

  set<T>(slot: ExchangeSlot<T>, value: T): void {
    (this.slots ??= new Map()).set(slot, value);
  }

  find<T>(slot: ExchangeSlot<T>): T | undefined {
    return this.slots?.get(slot) as T | undefined;
  }

  /** Called once when the answer is out or the caller is gone, whichever comes first. */
  onEnd(listener: (exchange: Exchange) => void): void {
    if (this.ended) listener(this);
    else (this.endListeners ??= []).push(listener);
  }

  /**
   * The host's: runs the listeners once.
   * @param onFault hears what a listener throws, so that the others run all the same; without it the first fault is thrown
   */
  end(onFault?: (error: unknown) => void): void {
    if (this.ended) return;
    this.ended = true;
    for (const listener of this.endListeners ?? []) {
      try {
        listener(this);
      } catch (error) {
        if (!onFault) throw error;
        onFault(error);
      }
    }
  }

  private must<T>(value: T | undefined, what: string, policy: string): T {
    if (value === undefined) throw new Error(`this exchange has no ${what}: ${policy} must stand before this policy`);
    return value;
  }
}

const ON_REQUEST = Symbol("lumen.exchange");

type Carrier = IncomingMessage & { [ON_REQUEST]?: Exchange };

export function attachExchange(req: IncomingMessage, exchange: Exchange): void {
  (req as Carrier)[ON_REQUEST] = exchange;
}

/** The exchange of a request that came through the front door; undefined for any other. */
export function findExchange(req: IncomingMessage): Exchange | undefined {
  return (req as Carrier)[ON_REQUEST];
}
