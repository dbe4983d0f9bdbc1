import type { Store } from "../types";
import { allRecords } from "./allRecords";
import { createAuditLog } from "./auditLog";
import type { Engine } from "./engine";
import { createLedger, type LedgerOptions } from "./ledger";
import { createRecords } from "./records";
import { createUsageHistory } from "./usageHistory";
import { verifyBooks } from "./verifyBooks";

/** The part of the port that is the same over every engine that keeps the books in memory. */
export function storeOver(
  engine: Engine, options: LedgerOptions,
): Omit<Store, "messages" | "files" | "failure" | "journalState" | "checkpoint" | "backup" | "close"> {
  for (const collection of Object.values(engine.books.collections)) collection.buildIndexes();
  return {
    ...allRecords((name) => createRecords(engine, name)),
    ledger: createLedger(engine, options),
    usage: createUsageHistory(engine),
    auditLog: createAuditLog(engine),
    verifyBooks: () => verifyBooks(engine),
  };
}
