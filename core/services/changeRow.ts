import { StoreConflict } from "../errors/storeErrors";
import type { Records } from "../stores/types";

const ATTEMPTS = 5;

/**
 * Reads a row, changes it, and writes it back unless somebody else was faster; then once more from what they wrote.
 * @param change gets undefined where there is no row; what it returns is written, undefined leaves the row as it is
 * @returns the row in force
 */
export async function changeRow<T extends { readonly id: string }>(
  records: Records<T>,
  id: string,
  change: (row: T | undefined) => T | undefined,
): Promise<T | undefined> {
  for (let attempt = 1; ; attempt++) {
    const stored = await records.get(id);
    const changed = change(stored && withoutRevision<T>(stored));
    if (!changed) return stored;
    try {
      return await records.put(changed, { expectedRevision: stored?.revision ?? 0 });
    } catch (error) {
      if (!(error instanceof StoreConflict) || attempt === ATTEMPTS) throw error;
    }
  }
}

function withoutRevision<T>(row: T & { readonly revision: number }): T {
  const { revision: _revision, ...rest } = row;
  return rest as unknown as T;
}
