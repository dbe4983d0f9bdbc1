import type { Page } from "../types";

export interface PageQuery {
  readonly cursor?: string;
  readonly limit?: number;
}

const DEFAULT_LIMIT = 50;

/**
 * What a page of a history asks for, newest first: rows before a sequence number, which is the cursor.
 * @throws RangeError for a text that is no cursor
 */
export function pageOf({ cursor, limit = DEFAULT_LIMIT }: PageQuery): { readonly before?: number; readonly limit: number } {
  const before = cursor === undefined ? undefined : Number(cursor);
  if (before !== undefined && !Number.isSafeInteger(before)) throw new RangeError(`not a cursor: ${cursor ?? ""}`);
  return { before, limit: Math.max(1, limit) };
}

/** The page out of what was found, one row more than its limit where there is another page. */
export function pageFrom<T>(found: readonly { readonly seq: number; readonly found: T }[], limit: number): Page<T> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map((row) => row.found),
    ...(found.length > limit && last ? { next: String(last.seq) } : {}),
  };
}
