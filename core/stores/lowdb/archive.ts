import path from "node:path";
import { createGzip } from "node:zlib";
import { pipeline, Readable } from "node:stream";
import type { FilePort } from "./filePort";
import { archivedName, segmentName, type Segment, type Segments } from "./segments";

/** A third of the time of zlib's default for a file a tenth larger: packing shares the processor with the calls. */
const LEVEL = 3;

/**
 * Packs one segment that the checkpoints have left behind: to a temporary file, synced, renamed, folder synced; the original
 * goes only after that. Packed in the threads of zlib; its few pieces at a time are all it keeps in memory.
 */
export async function archiveSegment(
  files: FilePort, segments: Segments, segment: Segment, journalDurable: () => Promise<void>,
): Promise<void> {
  const from = path.join(segments.journalFolder, segmentName(segment.first));
  const to = path.join(segments.archiveFolder, archivedName(segment.first, segment.last));
  const temporary = `${to}.tmp`;
  const out = await files.open(temporary, "create");
  try {
    const source = Readable.from(files.read(from, { end: segment.bytes }), { objectMode: false });
    const packed = pipeline(source, createGzip({ level: LEVEL }), () => undefined);
    for await (const piece of packed) await out.write(piece as Buffer);
    await out.sync();
  } finally {
    await out.close();
  }
  // Not past a failed sync: the copy may be as lost as what failed.
  await journalDurable();
  await files.rename(temporary, to);
  await files.syncFolder(segments.archiveFolder);
  segment.archived = true;
  await files.remove(from);
  await files.syncFolder(segments.journalFolder);
}
