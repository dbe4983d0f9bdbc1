import { editEventJson, objectPlace } from "./eventJson";
import { valueEnd } from "./jsonScan";
import { spliceNested, spliceTopLevel } from "./jsonSplice";

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Writes the public name over the top-level `model` of a JSON answer. What has none, or is no object, comes back as it is. */
export function renameModel(body: Buffer, publicName: string): Buffer {
  return renameQuickly(body, { start: 0, end: body.length }, publicName) ?? spliceTopLevel(body, { model: JSON.stringify(publicName) }, { existingOnly: true });
}

const MODEL = Buffer.from('"model"');

/** From `start` to `end`. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * The value of `model` in the JSON object of an event, found the short way: where `"model"` is in the bytes once, as a member of the outermost
 * object, only what stands before it has to be read. Undefined where that does not find it.
 * @param line where the object is
 */
export function modelPlace(event: Buffer, line: Place): Place | undefined {
  const key = event.indexOf(MODEL, line.start);
  if (key < 0 || event.indexOf(MODEL, key + MODEL.length) >= 0 || !isOutermostKey(event, line.start, key)) return undefined;
  let start = key + MODEL.length + 1;
  if (event[start] === 0x20) start += 1;
  if (event[start] !== QUOTE) return undefined;
  const end = valueEnd(event, start);
  return end < 0 || end > line.end ? undefined : { start, end };
}

/** Undefined sends the event the long way. */
function renameQuickly(event: Buffer, line: Place, publicName: string): Buffer | undefined {
  const place = modelPlace(event, line);
  if (place === undefined) return undefined;
  const { start, end } = place;
  const value = Buffer.from(JSON.stringify(publicName));
  if (event.compare(value, 0, value.length, start, end) === 0) return event;
  return Buffer.concat([event.subarray(0, start), value, event.subarray(end)]);
}

/** True where the string at `key` is a name in the object that opens at `start`. */
function isOutermostKey(event: Buffer, start: number, key: number): boolean {
  if (event[key + MODEL.length] !== COLON) return false;
  let depth = 0;
  for (let at = start; at < key; at += 1) {
    const byte = event[at];
    if (byte === QUOTE) at = valueEnd(event, at) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    if (at < start || at >= key) return false;
  }
  return depth === 1;
}

/** Writes the public name over the top-level `model` of a stream event's JSON; every other byte of a one-line event stays. */
export function renameModelInEvent(event: Buffer, publicName: string): Buffer {
  const line = objectPlace(event);
  const quick = line && renameQuickly(event, line, publicName);
  return quick ?? editEventJson(event, (json) => renameModel(json, publicName), line);
}

/** The same for the `model` of the object that is the event's member `outer`: `response`, `message`. */
export function renameModelInside(event: Buffer, outer: string, publicName: string): Buffer {
  const model = JSON.stringify(publicName);
  return editEventJson(event, (json) => spliceNested(json, outer, { model }, { existingOnly: true }));
}
