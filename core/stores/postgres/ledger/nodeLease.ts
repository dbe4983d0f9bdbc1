import { hostname } from "node:os";
import { performance } from "node:perf_hooks";
import type { Clock } from "../../../clock";
import { StoreRefused } from "../../../errors/storeErrors";
import { uuidv7 } from "../../../ids";
import type { Lease } from "../../types";
import type { Database, Queryable } from "../database";
import type { NodeFiles } from "./nodeFiles";

const LEASE_SECONDS = 60;
/** A lease is renewed each third of it, and the node itself trusts it for two thirds from the moment at which it asked: well before others act. */
const RENEWED_AFTER = 1 / 3;
const TRUSTED_FOR = 2 / 3;
const RENEW_AGAIN_MS = 1_000;
const REGISTER_LOCK = 5_174_600_121;

export interface NodeIdentity {
  readonly id: string;
  /** The smallest number that no other living node has. */
  readonly slot: number;
}

export interface NodeLeaseOptions {
  readonly database: Database;
  readonly name?: string;
  /** Names the pepper of this node's keys. */
  readonly pepperId?: string;
  readonly now: Clock;
  /** By the server's clock; after it the node's holds are booked by others (docs/rules.md H6). Default 60. */
  readonly leaseSeconds?: number;
  /** Where the processes of this machine say which nodes they are. */
  readonly files: NodeFiles;
}

/** The row of this process in `nodes`, kept alive while the process lives. */
export class NodeLease {
  #identity: NodeIdentity | undefined;
  #lease = { endsAt: -Infinity };
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  readonly leaseMs: number;

  constructor(private readonly options: NodeLeaseOptions) {
    this.leaseMs = (options.leaseSeconds ?? LEASE_SECONDS) * 1_000;
  }

  /**
   * Enters the node, also again under a new id once the old one was fenced.
   * @throws StoreRefused where a node runs that digests keys with another pepper
   */
  async register(): Promise<NodeIdentity> {
    const { database, now, name = hostname(), pepperId = null } = this.options;
    await this.#fenceDead();
    const asked = performance.now();
    const id = uuidv7(now());
    const slot = await database.transaction(async (on) => {
      // One at a time, so that two do not choose the same slot.
      await on.rows({ text: "SELECT pg_advisory_xact_lock($1)", values: [REGISTER_LOCK] });
      await refuseOtherPepper(on, pepperId);
      const [row] = await on.rows<{ slot: number }>({
        text: `INSERT INTO nodes (id, slot, name, started_at, lease_until, pepper_id)
          SELECT $1, min(s), $2, $3, now() + make_interval(secs => $4), $5 FROM generate_series(0, (SELECT count(*) FROM nodes WHERE fenced_at IS NULL)) AS s
          WHERE s NOT IN (SELECT slot FROM nodes WHERE fenced_at IS NULL) RETURNING slot`,
        values: [id, name, now(), this.leaseMs / 1_000, pepperId],
      });
      return row?.slot ?? 0;
    });
    this.#lease = { endsAt: asked + this.leaseMs * TRUSTED_FOR };
    this.#schedule(this.leaseMs * RENEWED_AFTER);
    const before = this.#identity;
    this.#identity = { id, slot };
    await this.options.files.enter(id);
    if (before) await this.options.files.leave(before.id);
    return this.#identity;
  }

  get identity(): NodeIdentity {
    if (!this.#identity) throw new Error("the node is not registered yet");
    return this.#identity;
  }

  /** The one of the identity in force. */
  lease(): Lease {
    return this.#lease;
  }

  /** Gives the lease back: what is left of its holds may be booked at once. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (!this.#identity) return;
    await this.options.database.rows({ text: "UPDATE nodes SET fenced_at = now() WHERE id = $1 AND fenced_at IS NULL", values: [this.#identity.id] });
    await this.options.files.leave(this.#identity.id);
  }

  /** What died on this machine need not be waited for: its process started again, or another one did. */
  async #fenceDead(): Promise<void> {
    const { database, files } = this.options;
    const dead = await files.dead();
    if (dead.length === 0) return;
    await database.rows({ text: "UPDATE nodes SET fenced_at = now() WHERE id = ANY($1) AND fenced_at IS NULL", values: [dead.map(({ nodeId }) => nodeId)] });
    await Promise.all(dead.map((node) => node.forget()));
  }

  #schedule(afterMs: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#renew(), afterMs);
    this.#timer.unref();
  }

  async #renew(): Promise<void> {
    const asked = performance.now();
    try {
      const [row] = await this.options.database.rows({
        text: "UPDATE nodes SET lease_until = now() + make_interval(secs => $2) WHERE id = $1 AND fenced_at IS NULL RETURNING id",
        values: [this.identity.id, this.leaseMs / 1_000],
      });
      if (row) this.#lease.endsAt = asked + this.leaseMs * TRUSTED_FOR;
      else await this.register();
      this.#schedule(this.leaseMs * RENEWED_AFTER);
    } catch {
      // Said by whoever needs the server; here it is asked again until it is back.
      this.#schedule(Math.min(RENEW_AGAIN_MS, this.leaseMs / 10));
    }
  }
}

/** Keys that one node made would be checked with argon2 on the other, at every change of the node. */
async function refuseOtherPepper(on: Queryable, pepperId: string | null): Promise<void> {
  const [other] = await on.rows<{ name: string }>({ text: "SELECT name FROM nodes WHERE fenced_at IS NULL AND lease_until > now() AND pepper_id <> $1 LIMIT 1", values: [pepperId] });
  if (!other) return;
  throw new StoreRefused(
    `the pepper of keys is not the one of the node ${other.name}, which runs on this database: set the same LUMEN_PEPPER everywhere, or copy <data folder>.secrets/pepper from there. ` +
      "To change the pepper, stop all nodes first (a node that crashed counts for another minute)",
  );
}

/** Fences the nodes whose lease ran out. */
export async function fenceLost(on: Queryable): Promise<void> {
  await on.rows("UPDATE nodes SET fenced_at = now() WHERE lease_until < now() AND fenced_at IS NULL");
}

const PAGE = 500;

/** Calls that are held by nodes that are no more. */
export async function orphanedHolds(on: Queryable): Promise<{ readonly id: string; readonly startedAt: number }[]> {
  return on.rows<{ id: string; startedAt: number }>({
    name: "orphaned-holds",
    text: `SELECT h.id, (h.facts ->> 'startedAt')::bigint AS "startedAt" FROM nodes n JOIN holds h ON h.node_id = n.id WHERE n.fenced_at IS NOT NULL ORDER BY h.id LIMIT $1`,
    values: [PAGE],
  });
}

/** Nodes that are gone since a week, with nothing left of them. */
export async function forgetNodes(on: Queryable): Promise<void> {
  await on.rows("DELETE FROM nodes n WHERE fenced_at < now() - interval '7 days' AND NOT EXISTS (SELECT FROM holds h WHERE h.node_id = n.id)");
}
