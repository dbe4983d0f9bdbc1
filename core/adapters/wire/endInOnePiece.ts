import type { OutgoingMessage } from "node:http";

/** Beyond this the copy costs more than the second write. */
const SMALL = 16_384;

/**
 * Ends a message with its body. Node writes headers and a body that is a string in one piece, but headers and a Buffer in two
 * system calls: a small body goes as a string of the same bytes.
 */
export function endInOnePiece(message: OutgoingMessage, body: Buffer): void {
  if (body.length <= SMALL) message.end(body.toString("latin1"), "latin1");
  else message.end(body);
}
