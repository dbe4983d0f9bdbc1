import net, { type AddressInfo } from "node:net";
import { MessageReader } from "../messageReader";
import { ANSWER, MODEL_LIST, planIn } from "../workload";
import { StreamPacer } from "./streamPacer";

/** A model server that answers at once, or streams at the pace it is asked for. On raw sockets: on two cores its own cost would be part of every figure. */
const answer = response(ANSWER);
const modelList = response(MODEL_LIST);

const pacer = new StreamPacer();

const server = net.createServer({ noDelay: true }, (socket) => {
  const reader = new MessageReader((head, body) => {
    if (!head.startsWith("POST")) {
      socket.write(modelList);
      return;
    }
    const plan = planIn(body);
    if (plan) pacer.begin(socket, plan);
    else socket.write(answer);
  });
  socket.on("data", (chunk) => reader.push(chunk));
  socket.on("error", () => socket.destroy());
});

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.once("SIGTERM", () => process.exit());

function response(body: string): Buffer {
  return Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
