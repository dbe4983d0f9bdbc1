import { expect } from "chai";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { startCuttableProxy, type CuttableProxy } from "./cuttableProxy";

describe("a wire that can be cut", () => {
  let echo: Server;
  let proxy: CuttableProxy;
  const clients: Socket[] = [];

  before(async () => {
    echo = createServer((socket) => socket.on("error", () => undefined).pipe(socket)).listen(0, "127.0.0.1");
    await once(echo, "listening");
  });
  after(() => void echo.close());
  beforeEach(async () => void (proxy = await startCuttableProxy({ port: (echo.address() as AddressInfo).port })));
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.close();
  });

  /** A client that has said its name and heard it back. */
  async function client(name: string): Promise<Socket> {
    const socket = connect(proxy.port, "127.0.0.1").on("error", () => undefined);
    clients.push(socket);
    await say(socket, name);
    return socket;
  }

  async function say(socket: Socket, text: string): Promise<string> {
    const heard = once(socket, "data");
    socket.write(text);
    return String((await heard)[0]);
  }

  it("passes everything on, however much", async () => {
    const socket = await client("a");
    const sent = Buffer.alloc(3_000_000, "0123456789");
    let heard = 0;
    const all = new Promise<void>((resolve) => socket.on("data", (bytes: Buffer) => void ((heard += bytes.length) === sent.length && resolve())));
    socket.write(sent);
    await all;
    expect(new URL(proxy.through("postgres://u:p@db.example:5432/lumen")).host).to.equal(`127.0.0.1:${proxy.port}`);
  });

  it("cuts what is open and what comes, until it is mended", async () => {
    const socket = await client("a");
    const closed = once(socket, "close");
    proxy.cut();
    await closed;
    const next = connect(proxy.port, "127.0.0.1").on("error", () => undefined);
    await once(next, "close");
    proxy.mend();
    expect(await say(await client("b"), "again")).to.equal("again");
  });

  it("cuts one connection by what it called itself, and leaves the others", async () => {
    const [feed, pool] = [await client("feed"), await client("pool")];
    const closed = once(feed, "close");
    proxy.cut("feed");
    await closed;
    expect(await say(pool, "still here")).to.equal("still here");
    const again = connect(proxy.port, "127.0.0.1").on("error", () => undefined);
    again.write("feed");
    await once(again, "close");
  });

  it("keeps back what is said into a black hole, and passes it on once mended", async () => {
    const [lost, other] = [await client("lost"), await client("other")];
    proxy.blackhole("lost");
    const events: string[] = [];
    const heard = say(lost, "hello").then((text) => events.push(text));
    events.push(await say(other, "meanwhile"));
    proxy.mend();
    await heard;
    expect(events).to.deep.equal(["meanwhile", "hello"]);
  });
});
