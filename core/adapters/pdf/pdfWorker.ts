import { parentPort, workerData } from "node:worker_threads";
import { getDocumentProxy } from "unpdf";
import type { PdfText, PdfWork } from "./readPdf";

/** Page by page, so that a long file stops at the limit and not at its end. */
async function readText({ bytes, maxPages, maxChars }: PdfWork): Promise<PdfText> {
  const document = await getDocumentProxy(bytes);
  if (document.numPages > maxPages) return { ok: false, message: `This PDF has ${document.numPages} pages; at most ${maxPages} are read.` };
  let text = "";
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    for (const item of items) if ("str" in item) text += item.str + (item.hasEOL ? "\n" : "");
    text += "\n\n";
    if (text.length > maxChars + 2) return { ok: false, message: `This PDF has more than ${maxChars.toLocaleString("en-US")} characters of text.` };
  }
  const trimmed = text.trim();
  return trimmed === "" ? { ok: false, message: "There is no text in this PDF; it may be a scan." } : { ok: true, text: trimmed };
}

readText(workerData as PdfWork).then(
  (text) => parentPort?.postMessage(text),
  () => parentPort?.postMessage({ ok: false, message: "This PDF cannot be read." } satisfies PdfText),
);
