/** What a test asked the demo server to do wrong (or differently) in one answer. */
export interface DemoFault {
  /** Answer with this error status instead. */
  readonly status?: number;
  /** Never send headers. */
  readonly stall?: boolean;
  /** Destroy the connection after so many streamed words (0: right after the headers). */
  readonly cut?: number;
  /** Leave `usage` out. */
  readonly noUsage?: boolean;
  /** Stream without a finish reason. */
  readonly noFinish?: boolean;
  /** Stream without `[DONE]`. */
  readonly noDone?: boolean;
  /** Milliseconds per word. */
  readonly paceMs?: number;
  /** Report these counts, whatever was used. */
  readonly input?: number;
  readonly output?: number;
  /** The answer is so many words long. */
  readonly words?: number;
}

const MARK = "!fault";

const whole = (text: string | undefined, fallback?: number): number | undefined =>
  text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : fallback;

/**
 * Reads a request for trouble: the header `x-demo-fault: status=500`, or a message whose text begins with
 * `!fault status=500`. Words, separated by spaces: `status=N`, `stall`, `cut=K`, `no-usage`, `no-finish`, `no-done`,
 * `pace=MS`, `input=N`, `output=N`, `words=N`. Unknown words mean nothing.
 */
export function readDemoFault(header: string | undefined, lastText: string): DemoFault {
  const line = header ?? (lastText.startsWith(MARK) ? lastText.slice(MARK.length, 500).split("\n", 1)[0] : undefined);
  if (line === undefined) return {};
  const said = new Map<string, string | undefined>();
  for (const word of line.split(/[\s,;]+/)) {
    const [name = "", value] = word.split("=", 2);
    said.set(name, value);
  }
  const status = whole(said.get("status"));
  return {
    status: status !== undefined && status >= 400 && status <= 599 ? status : undefined,
    stall: said.has("stall"),
    cut: said.has("cut") ? whole(said.get("cut"), 3) : undefined,
    noUsage: said.has("no-usage"),
    noFinish: said.has("no-finish"),
    noDone: said.has("no-done"),
    paceMs: whole(said.get("pace")),
    input: whole(said.get("input")),
    output: whole(said.get("output")),
    words: whole(said.get("words")),
  };
}
