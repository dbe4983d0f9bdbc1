import { expect } from "chai";
import { once } from "node:events";
import http, { type ServerResponse } from "node:http";
import net, { type AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { CallerStream } from "./callerStream";

/** What a caller gets, byte for byte, from an answer that `work` writes. */
async function answered(work: (stream: CallerStream, res: ServerResponse) => Promise<void> | void, version = "1.1"): Promise<{ head: string; body: string }> {
  const server = http.createServer((_req, res) => void work(new CallerStream(res, () => ({ "content-type": "text/event-stream" }), () => undefined), res));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write(`GET / HTTP/${version}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const text = (await buffer(socket)).toString("latin1");
  server.close();
  const end = text.indexOf("\r\n\r\n") + 4;
  return { head: text.slice(0, end), body: text.slice(end) };
}

const bytes = (text: string) => Buffer.from(text).toString("latin1");
const TAIL = [Buffer.from("data: b\n\n"), Buffer.from("data: [DONE]\n\n")];

describe("the stream to a caller", () => {
  it("is one chunk of the body for all that goes out together, and ends with the last events", async () => {
    const { head, body } = await answered((stream) => {
      stream.add("data: 1\n\n");
      stream.add(bytes("data: é€😀\n\n"));
      stream.flush();
      stream.flush();
      stream.add("data: 2\n\n");
      stream.flush();
      stream.end(TAIL);
    });
    expect(head).to.match(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream\r\n/).and.include("Transfer-Encoding: chunked");
    expect(body).to.equal(`1a\r\ndata: 1\n\n${bytes("data: é€😀")}\n\n\r\n9\r\ndata: 2\n\n\r\n17\r\ndata: b\n\ndata: [DONE]\n\n\r\n0\r\n\r\n`);
  });

  it("sends what was not flushed before its end", async () => {
    const { body } = await answered((stream) => {
      stream.add("data: 1\n\n");
      stream.end(TAIL);
    });
    expect(body).to.equal("9\r\ndata: 1\n\n\r\n17\r\ndata: b\n\ndata: [DONE]\n\n\r\n0\r\n\r\n");
  });

  it("has no chunks where the caller speaks HTTP/1.0", async () => {
    const { body } = await answered((stream) => {
      stream.add(bytes("data: é\n\n"));
      stream.flush();
      stream.end(TAIL);
    }, "1.0");
    expect(body).to.equal(bytes("data: é\n\ndata: b\n\ndata: [DONE]\n\n"));
  });

  it("hands the bytes of the body alone to whoever has put itself before write", async () => {
    const seen: string[] = [];
    const { body } = await answered((stream, res) => {
      const write = res.write.bind(res) as (chunk: Buffer) => boolean;
      res.write = ((chunk: Buffer) => {
        seen.push(chunk.toString());
        return write(chunk);
      }) as typeof res.write;
      stream.add(bytes("data: é\n\n"));
      stream.flush();
      stream.end(TAIL);
    });
    expect(seen).to.include("data: é\n\n");
    expect(body).to.match(/^a\r\ndata: /).and.match(/0\r\n\r\n$/);
  });

  it("waits for the answer before it on its connection", async () => {
    const answers: ServerResponse[] = [];
    const server = http.createServer((_req, res) => {
      if (answers.push(res) < 2) return;
      const stream = new CallerStream(res, () => ({}), () => undefined);
      for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
        stream.add(event);
        stream.flush();
      }
      answers[0]?.end("first");
      setImmediate(() => {
        stream.add("data: 3\n\n");
        stream.flush();
        stream.end(TAIL);
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const socket = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const text = (await buffer(socket)).toString("latin1");
    server.close();
    expect(text).to.match(/^HTTP\/1\.1 200 OK\r\n[^]*first[^]*HTTP\/1\.1 200 OK\r\n[^]*data: 1\n\n\r\n9\r\ndata: 2\n\n\r\n9\r\ndata: 3\n\n\r\n17\r\ndata: b/).and.match(/0\r\n\r\n$/);
  });

  it("says that it is full while its caller does not read, and when it has read", async () => {
    let full = false;
    let drained!: () => void;
    const hasDrained = new Promise<void>((resolve) => (drained = resolve));
    const server = http.createServer((_req, res) => {
      const stream = new CallerStream(res, () => ({}), () => {
        expect(stream.isFull).to.equal(false);
        drained();
        stream.end(TAIL);
      });
      // The first goes out with the head, all further ones by hand.
      stream.add("x");
      stream.flush();
      setImmediate(() => {
        expect(stream.isFull).to.equal(false);
        while (!stream.isFull) {
          stream.add("x".repeat(65_536));
          stream.flush();
        }
        full = stream.isFull;
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const text = await response.text();
    await hasDrained;
    server.close();
    expect(full).to.equal(true);
    expect(text).to.match(/^x+data: b\n\ndata: \[DONE\]\n\n$/);
  });

  it("lets what was sent go out to a caller who has ended its own side, and sends it no more", async () => {
    const server = http.createServer((req, res) => {
      const stream = new CallerStream(res, () => ({}), () => undefined);
      const send = (text: string) => {
        stream.add(text);
        stream.flush();
      };
      send("x");
      setImmediate(() => send("x".repeat(8_000_000)));
      req.socket.once("end", () => setImmediate(() => {
        send("y");
        server.emit("told");
      }));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const told = once(server, "told");
    const socket = net.connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true });
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "readable");
    socket.end();
    await told;
    const text = (await buffer(socket)).toString("latin1");
    server.close();
    expect(text.split("x").length - 1).to.equal(8_000_001);
    expect(text).not.to.include("y");
  });

  it("writes nothing to a caller who has gone", async () => {
    const server = http.createServer((_req, res) => {
      res.destroy();
      const stream = new CallerStream(res, () => ({}), () => undefined);
      stream.add("data: 1\n\n");
      stream.flush();
      server.emit("done", res.headersSent, stream.isFull);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const done = once(server, "done");
    const socket = net.connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await done).to.deep.equal([false, false]);
    server.close();
  });
});
