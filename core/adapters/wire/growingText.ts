const FIRST_BYTES = 1_024;
/** Of one UTF-16 unit, in UTF-8. */
const MOST_BYTES = 3;

/**
 * A text that grows by small pieces. A string that is kept is carried on by each collection until it is old, and the pieces of a thousand streams were most of what
 * there was to carry: here their bytes go to one place outside of the heap. The first piece, often all there is, stays the string that it is.
 */
export class GrowingText {
  /** In characters. */
  length = 0;
  private first = "";
  private bytes?: Buffer;
  private used = 0;
  /** The first half of a character, at the end. */
  private half = "";

  add(piece: string): void {
    if (piece === "") return;
    this.length += piece.length;
    const text = this.half + piece;
    const isCut = (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800;
    this.half = isCut ? text.slice(-1) : "";
    const whole = isCut ? text.slice(0, -1) : text;
    if (this.first === "") this.first = whole;
    else this.write(whole);
  }

  /** All of it. Half a character whose other half never came may be U+FFFD. */
  toString(): string {
    return (this.bytes ? this.first + this.bytes.toString("utf8", 0, this.used) : this.first) + this.half;
  }

  private write(text: string): void {
    const most = this.used + text.length * MOST_BYTES;
    if (this.bytes === undefined || most > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, most, this.used * 2));
      this.bytes?.copy(larger, 0, 0, this.used);
      this.bytes = larger;
    }
    this.used += this.bytes.write(text, this.used, "utf8");
  }
}
