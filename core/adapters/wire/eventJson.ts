import { spliceTopLevel } from "./jsonSplice";
import { dataPlace, eventData } from "./sseSplitter";

const OPEN_OBJECT = 0x7b;

/** The place of the JSON object in an event of one plain data line. */
export function objectPlace(event: Buffer): { readonly start: number; readonly end: number } | undefined {
  const place = dataPlace(event);
  return place && event[place.start] === OPEN_OBJECT ? place : undefined;
}

/** The same event with other data: its other lines and its line ends as they were. */
function withData(event: Buffer, data: string): Buffer {
  const fresh = data.split("\n");
  const lines = event.toString("utf8").split(/(\r\n|\n|\r)/);
  return Buffer.from(lines.map((line) => (/^(\uFEFF)?data(:|$)/.test(line) ? `data: ${fresh.shift() ?? ""}` : line)).join(""));
}

/** Edits the JSON of a stream event; the same event comes back where `edit` gives back what it got. Every other byte of a one-line event stays. */
export function editEventJson(event: Buffer, edit: (json: Buffer) => Buffer, place = objectPlace(event)): Buffer {
  if (place !== undefined) {
    const json = event.subarray(place.start, place.end);
    const edited = edit(json);
    return edited === json ? event : Buffer.concat([event.subarray(0, place.start), edited, event.subarray(place.end)]);
  }
  const data = eventData(event);
  if (data === undefined) return event;
  const json = Buffer.from(data);
  const edited = edit(json);
  return edited === json ? event : withData(event, edited.toString("utf8"));
}

/** Takes the top-level `usage` out of a stream event's JSON (docs/wire.md W76). */
export function withoutUsage(event: Buffer): Buffer {
  return editEventJson(event, (json) => spliceTopLevel(json, { usage: undefined }, { existingOnly: true }));
}
