import path from "node:path";
import { Worker } from "node:worker_threads";

/** The text of a PDF, or a sentence for the person who sent it. */
export type PdfText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

export type PdfReader = (bytes: Buffer, maxChars: number) => Promise<PdfText>;

export interface PdfWork {
  readonly bytes: Uint8Array;
  readonly maxPages: number;
  readonly maxChars: number;
}

const LONGEST_MS = 20_000;
const MAX_PAGES = 500;
const MEMORY_MB = 256;

/** Reads one PDF at a time in a thread of its own, which ends with it: a hostile file costs time and memory within bounds. */
export function createPdfReader(limits: { readonly longestMs?: number } = {}): PdfReader {
  let last: Promise<unknown> = Promise.resolve();
  return (bytes, maxChars) => {
    const mine = last.then(() => readOne({ bytes: new Uint8Array(bytes), maxPages: MAX_PAGES, maxChars }, limits.longestMs ?? LONGEST_MS));
    last = mine;
    return mine;
  };
}

function readOne(work: PdfWork, longestMs: number): Promise<PdfText> {
  return new Promise((resolve) => {
    const worker = new Worker(path.join(__dirname, "pdfWorker.js"), {
      workerData: work, env: {}, stdout: true, stderr: true, resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    const timer = setTimeout(() => finish({ ok: false, message: "Reading this PDF takes too long. Send a shorter one, or its text." }), longestMs);
    let finished = false;
    const finish = (text: PdfText): void => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      void worker.terminate();
      resolve(text);
    };
    worker.once("message", (text: PdfText) => finish(text));
    worker.once("error", () => finish({ ok: false, message: "This PDF cannot be read." }));
    worker.once("exit", () => finish({ ok: false, message: "This PDF cannot be read." }));
  });
}
