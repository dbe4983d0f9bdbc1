import { expect } from "chai";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { StartRefused } from "../errors/startError";
import { silentLogger, type Logger } from "../logger";
import { startWorkers, type WorkersPace } from "./startWorkers";
import { workerCount } from "./workerCount";

const PACE: WorkersPace = { restartMs: 1, longestRestartMs: 4, steadyMs: 60_000, hopeless: 3 };

/** On a connection of its own: the next worker's turn. Undefined where it was cut. */
const get = (url: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    request(url, { agent: false }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (part: string) => (text += part)).on("end", () => resolve(text));
    }).on("error", () => resolve(undefined)).end();
  });

describe("the workers of a node", function () {
  this.timeout(60_000);
  let folder: string;
  let stop: AbortController;
  let said: { readonly fields: object; readonly message: string }[];
  let heard: () => void;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "lumen-workers-"));
    stop = new AbortController();
    said = [];
    heard = () => undefined;
  });
  afterEach(() => rm(folder, { recursive: true }));

  const log = (fields: object, message: string) => {
    said.push({ fields, message });
    heard();
  };
  const logger: Logger = { ...silentLogger, error: log, info: log };
  const start = (count: number, failing = "never", pace = PACE) =>
    startWorkers({ count, logger, pace, signal: stop.signal, entry: { file: path.join(__dirname, "testing/testWorker.js"), args: [path.join(folder, "starts"), failing] } });
  const logged = async (message: string) => {
    while (!said.some((line) => line.message === message)) await new Promise<void>((resolve) => (heard = resolve));
  };
  const starts = async () => (await readFile(path.join(folder, "starts"), "utf8")).trim().split("\n").map((line) => line.split(" "));

  it("are ready together at one address, take turns, and end together with 0", async () => {
    const { address, ended } = await start(3);
    const answers = await Promise.all(Array.from({ length: 12 }, () => get(address ?? "")));
    expect([...new Set(answers)].sort()).to.deep.equal(["1", "2", "3"]);
    stop.abort();
    expect(await ended).to.equal(0);
    expect(await get(address ?? "")).to.equal(undefined);
    expect(said).to.deep.equal([]);
  });

  it("start again under their number when they die, and say so", async () => {
    const { address, ended } = await start(2);
    await get(`${address}/die`);
    await logged("a worker was started again");
    const [died] = said;
    expect(died?.fields).to.include({ code: 3, restart_ms: 1 });
    const [first, second, third] = await starts();
    expect([first?.slice(0, 2), second?.slice(0, 2)]).to.deep.equal([["1", "true"], ["2", "true"]]);
    expect(third?.slice(0, 2)).to.deep.equal([String((died?.fields as { worker: number }).worker), "false"]);
    const answers = await Promise.all(Array.from({ length: 8 }, () => get(address ?? "")));
    expect([...new Set(answers)].sort()).to.deep.equal(["1", "2"]);
    stop.abort();
    expect(await ended).to.equal(0);
  });

  it("gather what each of them counts, and leave out one that does not answer", async () => {
    const all = await start(3);
    expect(await get(`${all.address}/counts`)).to.equal("[1,2,3]");
    stop.abort();
    await all.ended;
    stop = new AbortController();
    const two = await start(2, "silent");
    expect(await get(`${two.address}/counts`)).to.equal("[1]");
    stop.abort();
    await two.ended;
  });

  it("do not start at all where the first one cannot, whose code is that of the node", async () => {
    const { address, ended } = await start(4, "always");
    expect(address).to.equal(undefined);
    expect(await ended).to.equal(7);
    expect(await starts()).to.have.length(1);
    expect(said, "the worker has said why").to.deep.equal([]);
  });

  it("end with 1 where one of them dies at once again and again", async () => {
    const { address, ended } = await start(2, "again");
    await get(`${address}/die`);
    expect(await ended).to.equal(1);
    expect(await starts()).to.have.length(4);
    expect(said.at(-1)?.message).to.equal("a worker ends as soon as it is started; stopping");
    expect(said.slice(0, -1).map(({ fields }) => (fields as { restart_ms: number }).restart_ms)).to.deep.equal([1, 2]);
  });

  it("end also where they are told to before they are ready", async () => {
    const starting = start(3);
    stop.abort();
    const { address, ended } = await starting;
    expect(address).to.equal(undefined);
    expect(await ended).to.equal(0);
  });

  it("are as many as the configuration says, and one on the embedded store", () => {
    expect(workerCount({ workers: 1 }, "")).to.equal(1);
    expect(workerCount({ workers: 3 }, "postgres://h/d")).to.equal(3);
    expect(workerCount({ workers: "auto" }, "postgres://h/d")).to.be.greaterThan(0);
    for (const workers of [2, "auto"] as const) expect(() => workerCount({ workers }, "")).to.throw(StartRefused, /embedded store.*store\.url/);
  });
});
