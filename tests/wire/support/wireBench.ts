import path from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { deadUrl } from "../../../core/adapters/upstream/testServers";
import { controlClient } from "../../../core/control/controlClient";
import { controlSocketPath } from "../../../core/control/controlSocket";
import type { LedgerEntry } from "../../../core/domain/ledgerEntry";
import type { ErrorCodeName } from "../../../core/errors/codes";
import { answerWell, startFakeUpstream, type FakeUpstream } from "../../support/fakeUpstream";
import { startLumenProcess, type LumenOptions, type LumenProcess } from "../../support/lumenProcess";
import { testConfig, type TestConfig } from "../../support/testConfig";
import type { WireAnswer } from "./answerReader";
import { LedgerReader } from "./ledgerReader";
import { connectTo, type RawClient, type RawRequest } from "./rawClient";

/** A request of a row: a chat of model `m` unless it says otherwise. */
export interface CallSpec {
  readonly method?: string;
  readonly path?: string;
  /** `null`: no key at all. */
  readonly key?: string | null;
  /** Besides the key and `content-type: application/json`. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** An object becomes JSON. */
  readonly body?: string | Buffer | object;
}

/** The line that the gateway logs once a call is over and booked. */
export interface ExchangeLine {
  readonly request_id: string;
  readonly status: number;
  readonly cost?: string;
  readonly flags?: readonly string[];
}

export const CHAT_PATH = "/v1/chat/completions";
export const CHAT = { model: "m", messages: [{ role: "user", content: "Hello there" }] };
export const STREAM = { ...CHAT, stream: true };

/** One gateway before one scripted upstream, for the rows of one file. */
export class WireBench {
  upstream!: FakeUpstream;
  lumen!: LumenProcess;
  ledger!: LedgerReader;
  key = "";
  private readonly lines = new Map<string, ExchangeLine>();
  private readonly waiters = new Set<{ readonly requestId: string | undefined; readonly resolve: (line: ExchangeLine) => void }>();

  get url(): string {
    return this.lumen.url;
  }

  /** Over a connection of its own. */
  async call(spec: CallSpec = {}): Promise<WireAnswer> {
    const client = await this.open();
    try {
      const request = this.request(spec);
      const answer = client.answer(request.method);
      await client.send(request);
      return await answer;
    } finally {
      client.leave();
    }
  }

  open(): Promise<RawClient> {
    return connectTo(this.lumen.url);
  }

  request({ method = "POST", path: target = CHAT_PATH, key = this.key, headers = [], body = method === "POST" ? CHAT : undefined }: CallSpec): RawRequest {
    const content = body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const named = headers.some(([name]) => name.toLowerCase() === "content-type");
    return {
      method, path: target,
      headers: [...(key === null ? [] : [["authorization", `Bearer ${key}`] as const]), ...(named || content === undefined ? [] : [["content-type", "application/json"] as const]), ...headers],
      ...(content === undefined ? {} : { body: content }),
    };
  }

  /** Runs a command of the command line inside the running gateway. @throws where it fails */
  async command<T = Record<string, unknown>>(name: string, input: object = {}): Promise<T> {
    const result = await controlClient(controlSocketPath(path.join(this.lumen.folder, "data"))).run(name, input);
    if (!result.ok) throw new Error(`${name}: ${result.message}`);
    return result.value as T;
  }

  /** A key of a client, which is made where it is not there yet. */
  async newKey(client: string, more: object = {}): Promise<{ readonly id: string; readonly key: string }> {
    await this.command("client.create", { name: client }).catch((error: Error) => {
      if (!/exists|taken|already/i.test(error.message)) throw error;
    });
    return this.command("key.create", { client, name: "test", ...more });
  }

  /** Resolves when the call is over and booked; without an id, with the next call that is. */
  ended(requestId?: string): Promise<ExchangeLine> {
    const known = requestId === undefined ? undefined : this.lines.get(requestId);
    return known ? Promise.resolve(known) : new Promise((resolve) => this.waiters.add({ requestId, resolve }));
  }

  /** Hears the log of the gateway from now on. */
  listen(): void {
    if (!this.lumen.child.stdout) throw new Error("the gateway has no output");
    createInterface({ input: this.lumen.child.stdout }).on("line", (text) => {
      if (!text.includes('"msg":"exchange"')) return;
      const line = JSON.parse(text) as ExchangeLine;
      this.lines.set(line.request_id, line);
      for (const waiter of [...this.waiters]) {
        if (waiter.requestId !== undefined && waiter.requestId !== line.request_id) continue;
        this.waiters.delete(waiter);
        waiter.resolve(line);
      }
    });
  }

  /** What the ledger has of a call, once it is over. */
  async booked(requestId: string | undefined): Promise<LedgerEntry | undefined> {
    await this.ended(requestId);
    return this.ledger.entry(requestId ?? "");
  }

  async booksAreExact(): Promise<void> {
    expect(await this.command("ledger.verify")).to.deep.include({ exact: true, openHolds: 0 });
  }
}

export interface WireBenchOptions extends Omit<LumenOptions, "config"> {
  /** Modules of this folder that the gateway's process loads first. */
  readonly preload?: readonly string[];
  /** Laid over each endpoint of the usual models; those of `m` and of further ones are in `config`. */
  readonly usual?: Readonly<Record<string, unknown>>;
  /** Laid over the configuration; its `models` are added. */
  readonly config?: Omit<TestConfig, "urls"> | ((upstream: FakeUpstream) => Omit<TestConfig, "urls">);
}

/** For one `describe`: the gateway starts before its first row, and its books must be exact after the last. */
export function wireBench(options: WireBenchOptions = {}): WireBench {
  const bench = new WireBench();
  before(async () => {
    bench.upstream = await startFakeUpstream();
    bench.upstream.onProbe(answerWell({ models: ["m", "free", "real/name", "embedder", "asks", "closed", "off"] }));
    const { config = {}, preload = [], usual = {}, ...lumen } = options;
    const changes = typeof config === "function" ? config(bench.upstream) : config;
    const text = testConfig({ ...changes, urls: [bench.upstream.url], models: [...usualModels(await deadUrl(), { ...usual, url: bench.upstream.url }), ...(changes.models ?? [])] });
    const preloaded = ["promptLog", ...preload].map((name) => `--require ${path.join(__dirname, name)}.js`).join(" ");
    bench.lumen = await startLumenProcess({ ...lumen, config: text, env: { NODE_OPTIONS: preloaded, ...lumen.env } });
    bench.ledger = new LedgerReader(bench.lumen);
    bench.listen();
    bench.key = (await bench.newKey("bot")).key;
  });
  after(async () => {
    try {
      await bench.booksAreExact();
    } finally {
      await bench.ledger.close();
      await bench.lumen.remove();
      await bench.upstream.close();
    }
  });
  return bench;
}

/** Beside `m`: a free one whose bodies need no change, one of another name upstream, and such as are refused. */
function usualModels(dead: string, endpoint: Readonly<Record<string, unknown>>): NonNullable<TestConfig["models"]> {
  const free = { input_cost_per_million: 0, output_cost_per_million: 0 };
  const all = ["chat", "completions", "embeddings"];
  return [
    { name: "free", ...free, capabilities: all, endpoints: [{ ...endpoint, stream_usage: false }] },
    { name: "org/named:7b", ...free, capabilities: all, endpoints: [{ ...endpoint, model: "real/name", stream_usage: false }] },
    { name: "embedder", ...free, capabilities: ["embeddings"], endpoints: [endpoint] },
    { name: "asks", ...free, needs_ack: true, endpoints: [endpoint] },
    { name: "closed", ...free, access: "blacklist", endpoints: [endpoint] },
    { name: "off", ...free, disabled: true, endpoints: [endpoint] },
    { name: "dead", endpoints: [{ ...endpoint, url: dead }], input_cost_per_million: 1, output_cost_per_million: 1 },
  ];
}

/** The error of an answer, whose shape must be right whatever it is (W6). */
export function errorOf(answer: WireAnswer): { readonly message: string; readonly type: string; readonly code: ErrorCodeName | null; readonly param: string | null; readonly [name: string]: unknown } {
  expect(answer.headers["content-type"], answer.body.toString("utf8")).to.match(/^application\/json/);
  const { error } = JSON.parse(answer.body.toString("utf8")) as { error: ReturnType<typeof errorOf> };
  expect(error).to.include.all.keys("message", "type", "param", "code");
  expect(error.message).to.be.a("string").and.not.equal("");
  return error;
}
