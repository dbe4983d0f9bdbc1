import { spliceTopLevel } from "./jsonSplice";
import { eventData } from "./sseSplitter";

const OPEN_OBJECT = 0x7b;
const LF = 10;
const CR = 13;
const DATA = Buffer.from("data:");

/** Writes the public name over the top-level `model` of a JSON answer. What has none, or is no object, comes back as it is. */
export function renameModel(body: Buffer, publicName: string): Buffer {
  return spliceTopLevel(body, { model: JSON.stringify(publicName) }, { existingOnly: true });
}

/** The place of the JSON object in an event of one plain data line. */
function dataLine(event: Buffer): { start: number; end: number } | undefined {
  if (event.compare(DATA, 0, DATA.length, 0, Math.min(DATA.length, event.length)) !== 0) return undefined;
  const start = event[DATA.length] === 0x20 ? DATA.length + 1 : DATA.length;
  let end = event.length;
  while (end > start && (event[end - 1] === LF || event[end - 1] === CR)) end -= 1;
  if (event[start] !== OPEN_OBJECT) return undefined;
  const lf = event.indexOf(LF, start);
  const cr = event.indexOf(CR, start);
  return (lf < 0 || lf >= end) && (cr < 0 || cr >= end) ? { start, end } : undefined;
}

/** The same event with other data: its other lines and its line ends as they were. */
function withData(event: Buffer, data: string): Buffer {
  const fresh = data.split("\n");
  const lines = event.toString("utf8").split(/(\r\n|\n|\r)/);
  return Buffer.from(lines.map((line) => (/^(\uFEFF)?data(:|$)/.test(line) ? `data: ${fresh.shift() ?? ""}` : line)).join(""));
}

/** Writes the public name over the top-level `model` of a stream event's JSON; every other byte of a one-line event stays. */
export function renameModelInEvent(event: Buffer, publicName: string): Buffer {
  const line = dataLine(event);
  if (line !== undefined) {
    const json = event.subarray(line.start, line.end);
    const renamed = renameModel(json, publicName);
    return renamed === json ? event : Buffer.concat([event.subarray(0, line.start), renamed, event.subarray(line.end)]);
  }
  const data = eventData(event);
  if (data === undefined) return event;
  const json = Buffer.from(data);
  const renamed = renameModel(json, publicName);
  return renamed === json ? event : withData(event, renamed.toString("utf8"));
}
