import { objectPlace } from "./eventJson";
import { modelPlace } from "./modelRename";
import { parseObject } from "./usageReader";

const COMMA = 0x2c;
const LF = 10;
const CR = 13;
/** What is looked for in each chunk, and so cannot be left unread. */
const READ_ANEW = ["choices", "usage", "error"] as const;
/** So many heads in vain, and this server's chunks do not begin alike. */
const MOST_IN_VAIN = 8;

/**
 * How the chunks of one stream begin. Up to the end of the value of `model` most servers send the same bytes each time (`id`, `object`,
 * `created`, `model`): these are read, and the name in them exchanged, once; of an event that begins with them the rest alone is read.
 */
export class EventHead {
  private bytes = Buffer.alloc(0);
  /** The same with the public name, one byte in each character. */
  private renamed = "";
  private inVain = 0;

  constructor(private readonly publicName: string) {}

  /** The members behind the head, as a JSON object of their own; undefined where the event has to be read whole. */
  restOf(event: Buffer): string | undefined {
    const { length } = this.bytes;
    if (length === 0 || event[length] !== COMMA || event.compare(this.bytes, 0, length, 0, length) !== 0) return undefined;
    let end = event.length;
    while (event[end - 1] === LF || event[end - 1] === CR) end -= 1;
    const rest = event.toString("utf8", length + 1, end);
    // Of several lines it would have to be put together.
    if (rest.includes("\n") || rest.includes("\r")) return undefined;
    this.inVain = 0;
    return `{${rest}`;
  }

  /** An event of which the rest was read, with the public name, one byte in each character. */
  shown(event: Buffer): string {
    return this.renamed + event.toString("latin1", this.bytes.length);
  }

  /**
   * Takes the head of an event that was read whole.
   * @param model what its `model` reads
   */
  learn(event: Buffer, model: unknown): void {
    if (this.inVain === MOST_IN_VAIN) return;
    this.inVain += 1;
    const line = objectPlace(event);
    const value = line && modelPlace(event, line);
    if (value === undefined) return;
    const members = parseObject(`${event.toString("utf8", line?.start, value.end)}}`);
    if (members === undefined || READ_ANEW.some((name) => name in members)) return;
    // A copy: a part of what was read would keep all of it in memory.
    this.bytes = Buffer.from(event.subarray(0, value.end));
    const name = model === this.publicName ? event.subarray(value.start, value.end) : Buffer.from(JSON.stringify(this.publicName));
    this.renamed = event.toString("latin1", 0, value.start) + name.toString("latin1");
  }
}
