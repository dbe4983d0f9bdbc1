import { once } from "node:events";
import type { Server } from "node:http";
import { createServer, type AddressInfo, type Server as NetServer } from "node:net";

/** A way in that leads to this very process, for this machine alone. */
export interface OwnDoor {
  readonly host: string;
  readonly port: number;
  close(): void;
}

/**
 * Where several workers share an address, a call to it may reach any of them. Connections to this door are handed to a server of
 * this process, as if it had accepted them.
 */
export async function openOwnDoor(server: Server): Promise<OwnDoor> {
  const door: NetServer = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void server.emit("connection", socket));
  door.listen({ host: "127.0.0.1", port: 0, exclusive: true });
  await once(door, "listening");
  const { address, port } = door.address() as AddressInfo;
  return { host: address, port, close: () => void door.close() };
}
