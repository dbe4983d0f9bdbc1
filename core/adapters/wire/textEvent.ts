import { fieldsOf, listOf, type Fields } from "../../domain/jsonFields";
import { TextTally } from "./producedText";
import { isFinished, parseObject, saysError } from "./usageReader";

/** Nothing in it has another meaning in JSON, and each byte is a character. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** So many templates in vain, and this server's events differ in more than their text. */
const MOST_IN_VAIN = 8;

/**
 * How a stream writes the events that hold the next piece of a text and say nothing else: most servers send the same bytes each time, with another text in
 * their middle. Of an event that fits, that text alone has to be read; what it says is exactly what reading all of it would say.
 */
export class TextEvent {
  /** What stands before the text and behind it, one byte in each character; `shownBefore` is what the caller gets for `before`. */
  private before = "";
  private behind = "";
  private shownBefore = "";
  private inVain = 0;

  /** The text of an event that fits; undefined where the event has to be read. */
  textOf(event: Buffer): string | undefined {
    const { before, behind } = this;
    const end = event.length - behind.length;
    if (before === "" || end < before.length) return undefined;
    const line = event.toString("latin1");
    if (line.slice(0, before.length) !== before || line.slice(end) !== behind) return undefined;
    const text = plainText(event, before.length, end);
    if (text === undefined) return undefined;
    this.inVain = 0;
    return text;
  }

  /** An event that fits, as the caller gets it, one byte in each character. */
  shown(event: Buffer): string {
    return this.shownBefore + event.toString("latin1", this.before.length);
  }

  /**
   * Takes an event that was read, if it is one of these.
   * @param shown gives the event as the caller gets it, one byte in each character
   * @param data the JSON object that was read, the end of the event
   * @param json the same, parsed
   */
  learn(event: Buffer, shown: () => string, data: string, json: Fields): void {
    this.before = "";
    if (this.inVain === MOST_IN_VAIN) return;
    const text = onlyText(json);
    if (text === undefined) return;
    this.inVain += 1;
    const written = JSON.stringify(text).slice(1, -1);
    const at = data.indexOf(`"${written}"`) + 1;
    if (at === 0) return;
    // Where other text in this place is another text of the answer, and nothing else, this is the text's own place.
    const other = text === "." ? "!" : ".";
    const changed = parseObject(data.slice(0, at) + other + data.slice(at + written.length));
    if (changed === undefined || onlyText(changed) !== other) return;
    const line = event.toString("latin1");
    const from = line.lastIndexOf(bytesOf(data.slice(at)));
    const whole = shown();
    if (from < 0 || !whole.endsWith(line.slice(from))) return;
    this.before = copyOf(line.slice(0, from));
    this.behind = copyOf(line.slice(from + bytesOf(written).length));
    this.shownBefore = copyOf(whole.slice(0, from - line.length));
  }
}

/** One byte in each character. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** A part of a string keeps all of it in memory. */
function copyOf(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("latin1");
}

/** The text of an event that says nothing but the next piece of one answer's text. */
function onlyText(json: Fields): string | undefined {
  const choices = listOf(json["choices"]);
  const choice = fieldsOf(choices[0]);
  if (choice === undefined || choices.length > 1 || isFinished(choice)) return undefined;
  if (fieldsOf(json["usage"]) !== undefined || saysError(json)) return undefined;
  const tally = new TextTally();
  tally.add(choice);
  return tally.sample.length === tally.characters && tally.characters > 0 ? tally.sample : undefined;
}

/** The text between two bytes of an event, as JSON writes it in a string; undefined where that is more than one string, or none. */
function plainText(event: Buffer, start: number, end: number): string | undefined {
  // A copy: a part of the event's own text would keep all of that in memory.
  const bytes = event.toString("latin1", start, end);
  if (PLAIN.test(bytes)) return bytes;
  try {
    const text: unknown = JSON.parse(`"${event.toString("utf8", start, end)}"`);
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}
