import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";

import type { UpstreamEndpoint } from "../../domain/modelCatalog";

/** The head of an answer, and its body still to be read. Read `stream` to its end, or `close()`. */
export class UpstreamAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  private overran = false;

  constructor(
    private readonly request: ClientRequest,
    /** The body. On its `close`, `complete` says whether it came whole. */
    readonly stream: IncomingMessage,
    readonly endpoint: UpstreamEndpoint,
  ) {
    this.status = stream.statusCode ?? 0;
    this.headers = stream.headers;
  }

  /** Whether the last byte has arrived. False once the stream has closed: the server broke off, or sent more than it had announced. */
  get complete(): boolean {
    return this.stream.complete && !this.overran;
  }

  /** What came behind the head is not HTTP: the announced length was wrong, and what was read by it is no whole answer. */
  overrun(): void {
    this.overran = true;
  }

  /** Ends the connection to the server at once; nothing if the answer has been read to its end. */
  close(): void {
    this.request.destroy();
  }

  /**
   * Calls once when the server has sent nothing for the endpoint's `idleMs`. While something waits to be read it is the reader who
   * is slow, and that does not count. Costs nothing per chunk: it is the socket's own timer.
   */
  onIdle(listener: () => void): void {
    const { stream } = this;
    // Gone already where the answer has been read to its end.
    const socket = stream.socket as Socket | null;
    if (socket === null) return;
    const { idleMs } = this.endpoint.timeouts;
    const onTimeout = (): void => {
      if (stream.readableLength > 0) {
        socket.setTimeout(idleMs);
        return;
      }
      stop();
      listener();
    };
    const stop = (): void => {
      socket.off("timeout", onTimeout);
    };
    // The agent sets its own time when the connection becomes idle.
    socket.setTimeout(idleMs);
    socket.on("timeout", onTimeout);
    stream.on("close", stop);
  }
}
