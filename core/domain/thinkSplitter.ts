/** What of an answer's text is thought, and what is said. */
export interface SplitText {
  readonly text: string;
  readonly reasoning: string;
}

const OPEN = "<think>";
const CLOSE = "</think>";

/** Tells the reasoning that some models write as `<think>…</think>` at the very start of an answer from the answer, however it is cut. */
export class ThinkSplitter {
  private state: "start" | "thinking" | "after" | "text" = "start";
  private held = "";
  private hasThought = false;

  push(piece: string): SplitText {
    let reasoning = "";
    this.held += piece;
    if (this.state === "start") {
      const begin = this.held.trimStart();
      if (begin.length < OPEN.length && OPEN.startsWith(begin)) return { text: "", reasoning };
      this.state = begin.startsWith(OPEN) ? "thinking" : "text";
      if (this.state === "thinking") this.held = begin.slice(OPEN.length);
    }
    if (this.state === "thinking") {
      if (!this.hasThought) this.held = this.held.trimStart();
      this.hasThought ||= this.held !== "";
      const at = this.held.indexOf(CLOSE);
      if (at < 0) {
        const kept = openEnd(this.held);
        reasoning = this.held.slice(0, this.held.length - kept);
        this.held = this.held.slice(this.held.length - kept);
        return { text: "", reasoning };
      }
      reasoning = this.held.slice(0, at);
      this.held = this.held.slice(at + CLOSE.length);
      this.state = "after";
    }
    if (this.state === "after") {
      this.held = this.held.trimStart();
      if (this.held !== "") this.state = "text";
    }
    const text = this.held;
    this.held = "";
    return { text, reasoning };
  }

  /** What was held back, at the end of the answer. */
  end(): SplitText {
    const rest = this.held;
    this.held = "";
    return this.state === "thinking" ? { text: "", reasoning: rest } : { text: this.state === "start" ? rest : "", reasoning: "" };
  }
}

/** How many characters at the end could be the beginning of `</think>`. */
function openEnd(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length -= 1) if (text.endsWith(CLOSE.slice(0, length))) return length;
  return 0;
}
