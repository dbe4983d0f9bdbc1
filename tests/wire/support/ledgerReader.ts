import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { LedgerEntry } from "../../../core/domain/ledgerEntry";
import { decodeEvent } from "../../../core/stores/shared/codec";
import type { Store } from "../../../core/stores/types";
import type { LumenProcess } from "../../support/lumenProcess";
import { openStoreOf } from "../../support/storeOf";

/** Reads what a running gateway has booked, as it would survive the gateway's end. */
export class LedgerReader {
  private store: Promise<Store> | undefined;

  constructor(private readonly lumen: LumenProcess) {}

  /** What is booked under a request id, whose call has to be over. Undefined where nothing was. */
  async entry(requestId: string): Promise<LedgerEntry | undefined> {
    if (!this.lumen.env["LUMEN_STORE_URL"]) return entryInJournal(path.join(this.lumen.folder, "data", "journal"), requestId);
    return (await (this.store ??= openStoreOf(this.lumen))).usage.entry(requestId);
  }

  async close(): Promise<void> {
    await (await this.store)?.close();
  }
}

/** The folder of the embedded engine may be read by others, not opened. */
async function entryInJournal(folder: string, requestId: string): Promise<LedgerEntry | undefined> {
  for (const name of (await readdir(folder)).sort()) {
    const text = await readFile(path.join(folder, name), "latin1");
    const at = text.indexOf(`{"t":"settle","entry":{"id":"${requestId}"`);
    if (at < 0) continue;
    const event = decodeEvent(Buffer.from(text.slice(at, text.indexOf("\n", at)), "latin1").toString("utf8"));
    if (event.t === "settle") return event.entry;
  }
  return undefined;
}
