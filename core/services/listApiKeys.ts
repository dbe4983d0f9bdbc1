import type { ApiKey } from "../domain/apiKey";
import type { Store, UsageTotals } from "../stores/types";
import { allRows } from "./allRows";

export interface ListApiKeysDeps {
  readonly store: Pick<Store, "keys" | "usage">;
}

/** A key with what was used through it. */
export interface ListedApiKey {
  readonly apiKey: ApiKey;
  /** Undefined: never used. */
  readonly totals?: UsageTotals;
}

/**
 * One owner's keys, or everybody's, oldest first: revoked ones with their history, and none that was never saved (K1).
 */
export async function listApiKeys(deps: ListApiKeysDeps, ownerId?: string): Promise<readonly ListedApiKey[]> {
  const totals = await deps.store.usage.totalsBy("keyId", ownerId === undefined ? {} : { ownerId });
  const rows: ListedApiKey[] = [];
  for await (const apiKey of allRows(deps.store.keys, ownerId === undefined ? {} : { index: "ownerId", value: ownerId })) {
    if (apiKey.status !== "pending") rows.push({ apiKey, totals: totals.get(apiKey.id) });
  }
  return rows.sort((a, b) => a.apiKey.createdAt - b.apiKey.createdAt || (a.apiKey.id < b.apiKey.id ? -1 : 1));
}
