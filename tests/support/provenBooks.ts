import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openPostgresStore } from "../../core/stores/postgres/openPostgresStore";
import type { Store } from "../../core/stores/types";

/** What the ledger of a database holds. */
export interface BookedCalls {
  /** How often it has each call, by its id. */
  readonly counts: ReadonlyMap<string, number>;
  readonly chargedNano: bigint;
  /** Calls that were booked after their hold had been given back, and calls that were booked for their gateway by another. */
  readonly late: number;
  readonly expired: number;
}

/** Reads the books of a database on which no gateway runs, and holds that they are exact, that nothing is held, and that no call is there twice (docs/rules.md H2, H3, H6). */
export async function readProvenBooks(url: string): Promise<BookedCalls> {
  const spoolFolder = await mkdtemp(path.join(tmpdir(), "lumen-books-"));
  const store = await openPostgresStore({ url, spoolFolder });
  try {
    const books = await store.verifyBooks();
    expect(books.differences).to.deep.equal([]);
    expect(books.openHolds).to.equal(0);
    const found = await readEntries(store);
    expect([...found.counts].filter(([, count]) => count !== 1), "calls that are in the ledger more than once").to.deep.equal([]);
    return found;
  } finally {
    await store.close();
    await rm(spoolFolder, { recursive: true, force: true });
  }
}

async function readEntries(store: Store): Promise<BookedCalls> {
  const found = { counts: new Map<string, number>(), chargedNano: 0n, late: 0, expired: 0 };
  let cursor: string | undefined;
  do {
    const page = await store.usage.entries({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    for (const { id, charges, flags } of page.rows) {
      found.counts.set(id, (found.counts.get(id) ?? 0) + 1);
      for (const { chargedNano } of charges) found.chargedNano += chargedNano;
      if (flags.includes("late")) found.late += 1;
      if (flags.includes("expired")) found.expired += 1;
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}
