const HEAD_END = "\r\n\r\n";

/**
 * Cuts a socket's bytes into HTTP/1.1 messages by their Content-Length: all that load generator and dummy upstream need, at
 * a small part of what Node's own HTTP costs, so that the server between them is what is measured.
 */
export class MessageReader {
  private rest: Buffer | undefined;

  /** @param onMessage gets the head as text, from its first line on, and the body */
  constructor(private readonly onMessage: (head: string, body: Buffer) => void) {}

  push(chunk: Buffer): void {
    const bytes = this.rest === undefined ? chunk : Buffer.concat([this.rest, chunk]);
    this.rest = undefined;
    let at = 0;
    while (at < bytes.length) {
      const headEnd = bytes.indexOf(HEAD_END, at, "latin1");
      const head = headEnd < 0 ? "" : bytes.toString("latin1", at, headEnd);
      const end = headEnd < 0 ? Infinity : headEnd + HEAD_END.length + contentLength(head);
      if (end > bytes.length) {
        this.rest = bytes.subarray(at);
        return;
      }
      this.onMessage(head, bytes.subarray(headEnd + HEAD_END.length, end));
      at = end;
    }
  }
}

function contentLength(head: string): number {
  const found = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (found) return Number(found[1]);
  if (/\r\ntransfer-encoding:/i.test(head)) throw new Error(`a message without Content-Length cannot be measured here:\n${head}`);
  return 0;
}
