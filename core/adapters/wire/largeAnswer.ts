import type { ReportedUsage } from "../../domain/clampUsage";
import type { Operation } from "../../domain/ledgerEntry";
import type { ProducedText } from "./producedText";
import { usageInPart } from "./usageReader";

/** As much of either end as is kept: usage stands in one of them. */
const KEPT = 65_536;
/** A picture in an answer is one of these members; inside of a text their quotes would be escaped. */
const PICTURES = ['"b64_json"', '"url"'].map((name) => Buffer.from(name));
const LONGEST = Math.max(...PICTURES.map(({ length }) => length));

/** What is seen of an answer that is too large to be kept, while its bytes go by. */
export class LargeAnswer {
  size = 0;
  private head: Buffer = Buffer.alloc(0);
  private last: Buffer[] = [];
  private lastBytes = 0;
  private before: Buffer = Buffer.alloc(0);
  private readonly pictures: number[] = PICTURES.map(() => 0);

  constructor(private readonly operation: Operation) {}

  push(chunk: Buffer): void {
    if (this.operation === "images") this.countPictures(chunk);
    if (this.size < KEPT) this.head = Buffer.concat([this.head, chunk.subarray(0, KEPT - this.size)]);
    this.size += chunk.length;
    this.last.push(chunk);
    this.lastBytes += chunk.length;
    while (this.lastBytes - (this.last[0]?.length ?? 0) >= KEPT) this.lastBytes -= this.last.shift()?.length ?? 0;
  }

  /** What was reported. @param whole false: it broke off, and its last picture is none */
  reported(whole: boolean): ReportedUsage {
    const usage = whole ? (usageInPart(this.operation, Buffer.concat(this.last)) ?? usageInPart(this.operation, this.head)) : undefined;
    const pictures = Math.max(...this.pictures);
    // None found: compressed, or of another shape; then it is as many as were asked for.
    return pictures === 0 ? { ...usage } : { ...usage, images: whole ? pictures : pictures - 1 };
  }

  /** Of a text that was not read: its bytes. */
  get produced(): ProducedText {
    return bytesProduced(this.size);
  }

  /** A name may be cut by the ends of chunks, so that each search begins a little before its chunk. */
  private countPictures(chunk: Buffer): void {
    PICTURES.forEach((name, which) => {
      const bytes = Buffer.concat([this.before.subarray(1 - name.length), chunk]);
      this.pictures[which] = (this.pictures[which] ?? 0) + occurrences(bytes, name);
    });
    this.before = Buffer.concat([this.before, chunk.subarray(-LONGEST)]).subarray(-LONGEST);
  }
}

function occurrences(bytes: Buffer, name: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + name.length)) count++;
  return count;
}

/** What is said of an answer whose text was not read: its bytes. */
export function bytesProduced(size: number): ProducedText {
  return { characters: size, pieces: 0, sample: "", roughTokens: Math.ceil(size / 3) };
}
