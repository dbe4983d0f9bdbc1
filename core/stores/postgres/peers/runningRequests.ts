import { randomUUID } from "node:crypto";
import type { Queryable } from "../database";
import { compare, OneAtATime } from "./oneAtATime";

/** Somebody who wants a place, or nobody: then what this process runs is written down. */
interface Entry {
  readonly ownerId: string;
  /** Undefined where nobody wants a place. */
  readonly place?: { readonly limit: number; readonly done: (entered: boolean) => void; readonly failed: (error: unknown) => void };
}

interface Asked {
  readonly ownerId: string;
  /** What this process runs already. */
  readonly running: number;
  readonly entries: Entry[];
}

/** What a process wrote is believed for so long; it is written anew well before. */
const BELIEVED_SECONDS = 60;

/** Grants places while all processes together have some left; a process that was silent for too long has none. */
const ENTER = `
INSERT INTO running_requests AS r (owner_id, running, wanted, most, processes)
SELECT owner_id, running, wanted, most, jsonb_build_object($1::text, jsonb_build_array(running + least(wanted, greatest(0, most - running)), extract(epoch FROM now()) + ${BELIEVED_SECONDS}))
FROM unnest($2::text[], $3::integer[], $4::integer[], $5::bigint[]) AS asked (owner_id, running, wanted, most)
ON CONFLICT (owner_id) DO UPDATE SET (running, wanted, most, processes) = (
  SELECT mine.running, excluded.wanted, excluded.most, others.alive || jsonb_build_object($1::text, jsonb_build_array(mine.running, extract(epoch FROM now()) + ${BELIEVED_SECONDS}))
  FROM (
    SELECT coalesce(jsonb_object_agg(key, value), '{}') AS alive, coalesce(sum((value ->> 0)::integer), 0) AS running
    FROM jsonb_each(r.processes) WHERE key <> $1 AND (value ->> 1)::numeric > extract(epoch FROM now())
  ) AS others, LATERAL (
    SELECT excluded.running + least(excluded.wanted, greatest(0, excluded.most - excluded.running - others.running)) AS running
  ) AS mine)
RETURNING owner_id AS "ownerId", (processes -> $1 ->> 0)::integer AS running`;

const FORGET = `
DELETE FROM running_requests WHERE owner_id IN (
  SELECT owner_id FROM running_requests
  WHERE NOT EXISTS (SELECT FROM jsonb_each(processes) WHERE (value ->> 0)::integer > 0 AND (value ->> 1)::numeric > extract(epoch FROM now()))
  LIMIT 10000 FOR UPDATE SKIP LOCKED)`;

/**
 * How many requests of an owner run in all processes on one database. This process counts its own; the others know of them by
 * a row for each owner, which is locked while a place is given away.
 */
export class RunningRequests {
  readonly #process = randomUUID();
  readonly #running = new Map<string, number>();
  readonly #batches = new OneAtATime<Entry>((entries) => this.#write(entries));

  constructor(private readonly database: Queryable) {}

  enter(ownerId: string, limit: number): boolean | Promise<boolean> {
    if (limit === 0) {
      this.#change(ownerId, 1);
      this.#batches.add({ ownerId });
      return true;
    }
    if (this.running(ownerId) >= limit) return false;
    return new Promise((done, failed) => this.#batches.add({ ownerId, place: { limit, done, failed } }));
  }

  leave(ownerId: string): void {
    if (this.running(ownerId) === 0) return;
    this.#change(ownerId, -1);
    // The place is free for the others.
    this.#batches.add({ ownerId });
  }

  running(ownerId: string): number {
    return this.#running.get(ownerId) ?? 0;
  }

  /** Writes everything down again, for as long as it is believed, and whatever the server may have forgotten. */
  renew(): void {
    for (const ownerId of this.#running.keys()) this.#batches.add({ ownerId });
  }

  /** Removes the owners who run nothing. */
  async forget(): Promise<void> {
    await this.database.rows(FORGET);
  }

  idle(): Promise<void> {
    return this.#batches.idle();
  }

  #change(ownerId: string, by: number): void {
    const next = this.running(ownerId) + by;
    if (next > 0) this.#running.set(ownerId, next);
    else this.#running.delete(ownerId);
  }

  async #write(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const { asked, later } = this.#byOwner(entries);
    try {
      const rows = await this.database.rows<{ ownerId: string; running: number }>({
        name: "enter-requests", text: ENTER,
        values: [this.#process, asked.map(({ ownerId }) => ownerId), asked.map(({ running }) => running), asked.map(({ entries: { length } }) => length), asked.map(({ entries: [first] }) => first?.place?.limit ?? 0)],
      });
      const granted = new Map(rows.map(({ ownerId, running }) => [ownerId, running]));
      for (const { ownerId, running, entries: waiting } of asked) {
        const places = (granted.get(ownerId) ?? 0) - running;
        this.#change(ownerId, Math.min(places, waiting.length));
        waiting.forEach(({ place }, at) => place?.done(at < places));
      }
    } catch (error) {
      // What was written of it, if anything, is put right with the next renewal.
      for (const { place } of asked.flatMap((one) => one.entries)) place?.failed(error);
    }
    return later;
  }

  /** Entries under another limit wait, since a statement may write a row once. */
  #byOwner(entries: readonly Entry[]): { readonly asked: readonly Asked[]; readonly later: readonly Entry[] } {
    const owners = new Map<string, Asked>();
    const later: Entry[] = [];
    for (const entry of entries) {
      const found = owners.get(entry.ownerId) ?? { ownerId: entry.ownerId, running: this.running(entry.ownerId), entries: [] };
      owners.set(entry.ownerId, found);
      if (!entry.place) continue;
      if ((found.entries[0] ?? entry).place?.limit === entry.place.limit) found.entries.push(entry);
      else later.push(entry);
    }
    return { asked: [...owners.values()].sort((a, b) => compare(a.ownerId, b.ownerId)), later };
  }
}
