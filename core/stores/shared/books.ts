import type { PoolTerms } from "../../domain/coinPool";
import type { NanoCoins } from "../../domain/coins";
import type { CallFacts } from "../../domain/ledgerEntry";
import { INDEXES, type AuditEvent, type HoldProgress } from "../types";
import { Collection } from "./collection";
import type { CollectionName, Recorded } from "./events";
import { RecentIds } from "./recentIds";
import { Rollups } from "./rollups";

/** A pool that was opened (docs/rules.md P7). Invariant: 0 ≤ held ≤ balance. */
export interface PoolRow {
  readonly id: string;
  balanceNano: NanoCoins;
  heldNano: NanoCoins;
  terms: PoolTerms;
  refillFrom: number;
  seq: number;
}

export interface HeldLine {
  readonly pool: string;
  amountNano: NanoCoins;
}

export interface HoldRow {
  readonly id: string;
  readonly lines: readonly HeldLine[];
  readonly placedAt: number;
  readonly facts: CallFacts;
  progress?: HoldProgress;
  /** When progress last went to the journal; 0 = never. */
  progressAt: number;
  seq: number;
}

/** The whole state of a store, changed by `applyEvent` alone. */
export interface Books {
  /** The last sequence number applied. */
  seq: number;
  readonly pools: Map<string, PoolRow>;
  readonly holds: Map<string, HoldRow>;
  readonly recent: RecentIds;
  /** Sequence numbers of expired entries that a late settlement took the place of. */
  readonly superseded: Set<number>;
  readonly rollups: Rollups;
  readonly collections: Readonly<Record<CollectionName, Collection>>;
  /** The newest audit events, oldest first; earlier ones are in the history. */
  readonly audit: Recorded<{ readonly t: "audit"; readonly event: AuditEvent }>[];
  /** Earlier audit events fell out of memory. */
  auditForgotten: boolean;
}

export const RECENT_IDS = 20_000;
export const AUDIT_KEPT = 10_000;

export function createBooks(recentIds = RECENT_IDS, rollups = new Rollups()): Books {
  const collection = (name: CollectionName) => new Collection(name, INDEXES[name]);
  return {
    seq: 0,
    pools: new Map(),
    holds: new Map(),
    recent: new RecentIds(recentIds),
    superseded: new Set(),
    rollups,
    collections: {
      users: collection("users"), clients: collection("clients"), keys: collection("keys"), consents: collection("consents"),
      sessions: collection("sessions"), credentials: collection("credentials"), signInLinks: collection("signInLinks"),
      conversations: collection("conversations"),
    },
    audit: [],
    auditForgotten: false,
  };
}

export const availableIn = (pool: PoolRow): NanoCoins => pool.balanceNano - pool.heldNano;
