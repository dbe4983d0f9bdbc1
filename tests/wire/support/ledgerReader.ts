import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { LedgerEntry } from "../../../core/domain/ledgerEntry";
import { decodeEvent } from "../../../core/stores/shared/codec";
import type { LumenProcess } from "../../support/lumenProcess";

/**
 * What a running gateway has booked under a request id, as it stands on the disk: the call's end has to be over. Undefined where
 * nothing was booked.
 */
export async function bookedEntry(lumen: LumenProcess, requestId: string): Promise<LedgerEntry | undefined> {
  const folder = path.join(lumen.folder, "data", "journal");
  for (const name of (await readdir(folder)).sort()) {
    const text = await readFile(path.join(folder, name), "latin1");
    const at = text.indexOf(`{"t":"settle","entry":{"id":"${requestId}"`);
    if (at < 0) continue;
    const event = decodeEvent(Buffer.from(text.slice(at, text.indexOf("\n", at)), "latin1").toString("utf8"));
    if (event.t === "settle") return event.entry;
  }
  return undefined;
}
