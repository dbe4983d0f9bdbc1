import { StoreRefused } from "../../errors/storeErrors";
import type { Queryable } from "./database";

/** A table that is there while a copy is to fill the database yet: nothing may be served from it. */
const MARK = "unfinished_copy";

export async function isUnfinished(on: Queryable): Promise<boolean> {
  const [row] = await on.rows<{ found: boolean }>(`SELECT to_regclass('${MARK}') IS NOT NULL AS found`);
  return row?.found ?? false;
}

export async function markUnfinished(on: Queryable): Promise<void> {
  await on.rows(`CREATE TABLE IF NOT EXISTS ${MARK} (begun_at timestamptz NOT NULL DEFAULT now())`);
}

export async function markFinished(on: Queryable): Promise<void> {
  await on.rows(`DROP TABLE ${MARK}`);
}

/** @throws StoreRefused with what to do */
export async function refuseUnfinished(on: Queryable): Promise<void> {
  if (!(await isUnfinished(on))) return;
  throw new StoreRefused('the database holds an unfinished copy of a store: run the same "lumen store copy" again, which begins anew, or drop the database');
}
