import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A wire between one node and a server that can be cut. What goes over it is passed on byte by byte, both ways. */
export interface CuttableProxy {
  readonly port: number;
  /** The address of what lies behind, by way of the proxy. */
  through(url: string): string;
  /** Connections that are open. */
  open(): number;
  /** Ends the connections, and each new one at once; `only`: those alone whose first bytes hold this text, such as the name that a client gives itself. */
  cut(only?: string): void;
  /** Keeps the connections and takes new ones, and passes nothing on: what a dead network looks like. */
  blackhole(only?: string): void;
  /** Passes on again, and what was kept back first. */
  mend(): void;
  close(): Promise<void>;
}

type Fault = { readonly kind: "cut" | "blackhole"; readonly only?: string };

/** @param target where the server listens */
export async function startCuttableProxy(target: { readonly host?: string; readonly port: number }): Promise<CuttableProxy> {
  let fault: Fault | undefined;
  const wires = new Set<Wire>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: target.host ?? "127.0.0.1", port: target.port, noDelay: true });
    const wire = new Wire(near, far, () => fault);
    wires.add(wire);
    wire.obey();
    void wire.ended.then(() => wires.delete(wire));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const apply = (next: Fault | undefined) => {
    fault = next;
    for (const wire of [...wires]) wire.obey();
  };
  return {
    port,
    through(url) {
      const proxied = new URL(url);
      proxied.hostname = "127.0.0.1";
      proxied.port = String(port);
      return proxied.href;
    },
    open: () => wires.size,
    cut: (only) => apply({ kind: "cut", ...(only === undefined ? {} : { only }) }),
    blackhole: (only) => apply({ kind: "blackhole", ...(only === undefined ? {} : { only }) }),
    mend: () => apply(undefined),
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const wire of wires) wire.end();
      await closed;
    },
  };
}

/** One connection, both ways. */
class Wire {
  readonly ended: Promise<unknown>;
  private first: string | undefined;

  constructor(private readonly near: Socket, private readonly far: Socket, private readonly fault: () => Fault | undefined) {
    this.ended = Promise.all([near, far].map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()))));
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.on("error", () => this.end());
      from.on("close", () => this.end());
      from.on("end", () => to.end());
      from.on("data", (bytes: Buffer) => this.pass(bytes, from, to));
      to.on("drain", () => this.obey());
    }
  }

  /** Does what is in force now. */
  obey(): void {
    const kind = this.faultHere();
    if (kind === "cut") return this.end();
    for (const socket of [this.near, this.far]) {
      if (kind === "blackhole") socket.pause();
      else socket.resume();
    }
  }

  end(): void {
    this.near.destroy();
    this.far.destroy();
  }

  private pass(bytes: Buffer, from: Socket, to: Socket): void {
    if (from === this.near) this.first ??= bytes.toString("latin1");
    const kind = this.faultHere();
    if (kind === "cut") this.end();
    else if (kind === "blackhole") {
      from.pause();
      from.unshift(bytes);
    } else if (!to.write(bytes)) from.pause();
  }

  /** A fault for some connections alone says nothing of one that has not told yet whose it is. */
  private faultHere(): Fault["kind"] | undefined {
    const fault = this.fault();
    const hit = fault?.only === undefined || this.first?.includes(fault.only);
    return hit ? fault?.kind : undefined;
  }
}
