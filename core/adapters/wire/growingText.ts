/** So many pieces wait to be joined. */
const MOST_PIECES = 64;

/**
 * A text that grows by small pieces. A string that grows by `+=` keeps each piece as objects of its own, some hundred bytes a token,
 * until somebody reads it; here the pieces become longer strings as they come.
 */
export class GrowingText {
  /** In characters. */
  length = 0;
  private readonly blocks: string[] = [];
  private readonly pieces: string[] = [];

  add(piece: string): void {
    if (piece === "") return;
    this.length += piece.length;
    if (this.pieces.push(piece) < MOST_PIECES) return;
    this.blocks.push(this.pieces.join(""));
    this.pieces.length = 0;
  }

  /** All of it. */
  toString(): string {
    return this.blocks.join("") + this.pieces.join("");
  }
}
