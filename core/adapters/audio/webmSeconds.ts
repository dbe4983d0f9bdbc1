import type { ByteSource } from "../wire/byteSource";

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const SCALE = 0x2ad7b1;
const DURATION = 0x4489;
const CLUSTER_TIME = 0xe7;
const SIMPLE_BLOCK = 0xa3;
const CLUSTER = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);
const TAIL = 1_048_576;
const MOST_ELEMENTS = 65_536;

/** One element of EBML (RFC 8794). A size that is not known reaches to the end of what is looked at. */
interface Element {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/**
 * WebM: the segment's information says how long it is. Browsers that record leave that out; then the time of the last block does.
 */
export async function webmSeconds(source: ByteSource, head: Buffer): Promise<number | undefined> {
  const segment = find(head, SEGMENT, 0, head.length);
  const info = segment && find(head, INFO, segment.start, segment.end);
  if (!info) return undefined;
  const scale = find(head, SCALE, info.start, info.end);
  const nanosPerTick = scale ? unsigned(head, scale) : 1_000_000;
  const duration = find(head, DURATION, info.start, info.end);
  const length = duration && duration.end - duration.start;
  const said = duration && (length === 8 ? head.readDoubleBE(duration.start) : length === 4 ? head.readFloatBE(duration.start) : 0);
  const ticks = said ?? lastBlock(await source.read(Math.max(0, source.byteLength - TAIL), source.byteLength));
  return ticks === undefined ? undefined : (ticks * nanosPerTick) / 1e9;
}

function lastBlock(tail: Buffer): number | undefined {
  const cluster = tail.lastIndexOf(CLUSTER);
  const inside = cluster < 0 ? undefined : elementAt(tail, cluster, tail.length);
  if (!inside) return undefined;
  let time: number | undefined;
  let block = 0;
  for (const element of elements(tail, inside.start, inside.end)) {
    if (element.id === CLUSTER_TIME) time = unsigned(tail, element);
    // Behind the track's number, which is one byte for all but absurd files.
    if (element.id === SIMPLE_BLOCK && element.end - element.start >= 4) block = tail.readInt16BE(element.start + 1);
  }
  return time === undefined ? undefined : time + block;
}

function find(bytes: Buffer, id: number, from: number, to: number): Element | undefined {
  for (const element of elements(bytes, from, to)) if (element.id === id) return element;
  return undefined;
}

function* elements(bytes: Buffer, from: number, to: number): Generator<Element> {
  let at = from;
  for (let count = 0; count < MOST_ELEMENTS && at < to; count++) {
    const element = elementAt(bytes, at, to);
    if (!element) return;
    yield element;
    at = element.end;
  }
}

function elementAt(bytes: Buffer, at: number, to: number): Element | undefined {
  const idLength = lengthOf(bytes[at]);
  const sizeAt = at + idLength;
  const sizeLength = lengthOf(bytes[sizeAt]);
  if (idLength > 4 || sizeLength > 8 || sizeAt + sizeLength > to) return undefined;
  const id = bytes.readUIntBE(at, idLength);
  const start = sizeAt + sizeLength;
  let size = (bytes[sizeAt] as number) & (0xff >> sizeLength);
  let isKnown = size !== 0xff >> sizeLength;
  for (let place = sizeAt + 1; place < start; place++) {
    size = size * 256 + (bytes[place] as number);
    isKnown ||= bytes[place] !== 0xff;
  }
  return { id, start, end: isKnown ? Math.min(start + size, to) : to };
}

/** How many bytes a number of variable length has: told by the place of its first set bit; 9 where there is none. */
function lengthOf(first: number | undefined): number {
  return first === undefined || first === 0 ? 9 : Math.clz32(first) - 23;
}

function unsigned(bytes: Buffer, { start, end }: Element): number {
  const length = Math.min(end - start, 6);
  return length > 0 ? bytes.readUIntBE(start, length) : 0;
}
