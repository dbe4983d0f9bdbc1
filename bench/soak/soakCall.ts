import http, { type ClientRequest, type IncomingMessage } from "node:http";

/** What came back of one call. */
export interface CallAnswer {
  /** 0 where there was no answer at all. */
  readonly status: number;
  /** `x-request-id`, which the ledger names. */
  readonly requestId: string;
  readonly contentType: string;
  readonly text: string;
  /** The connection ended before the answer did, or there was none. */
  readonly cutOff: boolean;
  /** What Node said of it. */
  readonly problem: string;
}

export interface CallRequest {
  readonly url: string;
  readonly path: string;
  readonly key: string;
  readonly body: string;
  /** The caller leaves after this time, whatever has come. */
  readonly leaveAfterMs?: number;
  /** The caller waits so long after each piece before it reads on. */
  readonly pauseMs?: number;
}

/** No call of the soak takes as long as this: one that does hangs. */
const HANGS_AFTER_MS = 60_000;

/** Sends calls over connections that are kept, as clients do, and reads each answer to its end. */
export class SoakCaller {
  /** Calls sent again because a kept connection had been closed meanwhile, over a new one, as clients do. */
  resent = 0;
  private readonly agent = new http.Agent({ keepAlive: true });

  async call(request: CallRequest): Promise<CallAnswer> {
    const { answer, wasStale } = await this.send(request, this.agent);
    if (!wasStale) return answer;
    this.resent++;
    return (await this.send(request, false)).answer;
  }

  close(): void {
    this.agent.destroy();
  }

  private send({ url, path, key, body, leaveAfterMs, pauseMs }: CallRequest, agent: http.Agent | false): Promise<{ answer: CallAnswer; wasStale: boolean }> {
    return new Promise((resolve) => {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body), authorization: `Bearer ${key}` };
      const request: ClientRequest = http.request(url + path, { method: "POST", agent, headers });
      let left = false;
      const leave = setTimeout(() => {
        left = true;
        request.destroy(leaveAfterMs === undefined ? new Error("it hangs") : undefined);
      }, leaveAfterMs ?? HANGS_AFTER_MS);
      let head: IncomingMessage | undefined;
      let text = "";
      let problem = "";
      const end = () => {
        clearTimeout(leave);
        const id = head?.headers["x-request-id"];
        const answer: CallAnswer = {
          status: head?.statusCode ?? 0, requestId: typeof id === "string" ? id : "", contentType: head?.headers["content-type"] ?? "",
          text, cutOff: head?.complete !== true, problem,
        };
        resolve({ answer, wasStale: !left && head === undefined && request.reusedSocket && /ECONNRESET|EPIPE/.test(problem) });
      };
      request.on("response", (response) => {
        head = response;
        response.setEncoding("utf8").on("data", (piece: string) => {
          text += piece;
          if (pauseMs === undefined) return;
          response.pause();
          setTimeout(() => response.resume(), pauseMs);
        });
        response.on("error", (error) => (problem = error.message)).on("close", end);
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        problem = `${error.code ?? ""} ${error.message}`;
        if (!head) end();
      });
      request.end(body);
    });
  }
}
