import type { ApiKey } from "../../domain/apiKey";
import type { Consent } from "../../domain/consent";
import type { Conversation } from "../../domain/conversation";
import type { Client, User } from "../../domain/owner";
import type { Credential, Session, SignInLink } from "../../domain/session";
import type { Store } from "../types";
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
    users: createRecords<User>(engine, "users"),
    clients: createRecords<Client>(engine, "clients"),
    keys: createRecords<ApiKey>(engine, "keys"),
    consents: createRecords<Consent>(engine, "consents"),
    sessions: createRecords<Session>(engine, "sessions"),
    credentials: createRecords<Credential>(engine, "credentials"),
    signInLinks: createRecords<SignInLink>(engine, "signInLinks"),
    conversations: createRecords<Conversation>(engine, "conversations"),
    ledger: createLedger(engine, options),
    usage: createUsageHistory(engine),
    auditLog: createAuditLog(engine),
    verifyBooks: () => verifyBooks(engine),
  };
}
