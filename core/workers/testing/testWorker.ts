// A worker for tests: tells its number, and does what it is asked for on its way. Its one argument is how often a start of its number fails.
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { findSeat } from "../workerSeat";

const [starts = "", failing = ""] = process.argv.slice(2);
const seat = findSeat();
if (!seat) throw new Error("this is a worker");
appendFileSync(starts, `${seat.number} ${seat.isFirstStart} ${process.pid}\n`);
if (failing === "always") process.exit(7);
if (failing === "again" && !seat.isFirstStart) process.exit(8);

seat.onCount(() => (failing === "silent" && seat.number === 2 ? new Promise(() => undefined) : Promise.resolve({ number: seat.number, count: NaN })));
const server = createServer((req, res) => {
  if (req.url === "/die") process.exit(3);
  if (req.url === "/counts") return void seat.gather().then((counts) => res.end(JSON.stringify(counts.map((each) => (each as { number: number }).number).sort())));
  if (req.url === "/starts") return void res.end(readFileSync(starts));
  res.end(String(seat.number));
});
server.listen(0, "127.0.0.1", () => seat.ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
const stop = () => process.exit(0);
process.once("SIGTERM", stop);
seat.onPrimaryGone(stop);
