import type { UsageHistory } from "../../types";
import type { Queryable } from "../database";
import { createEntries } from "./entries";
import { createTotals } from "./totals";

/** What was used, with the answers that the embedded engine gives (docs/rules.md C7). @throws StoreUnavailable when the server is away */
export function createUsageHistory(on: Queryable): UsageHistory {
  return { ...createTotals(on), ...createEntries(on) };
}
