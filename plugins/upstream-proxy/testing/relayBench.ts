import { expect } from "chai";
import { testEndpoint } from "../../../core/adapters/upstream/testServers";
import type { ConfigSnapshot } from "../../../core/domain/configSnapshot";
import type { LedgerEntry } from "../../../core/domain/ledgerEntry";
import type { UpstreamEndpoint } from "../../../core/domain/modelCatalog";
import { coins } from "../../../core/domain/testing/snapshots";
import type { Exchange } from "../../../core/gateway/exchange";
import { runPolicy, type PolicyRun, type PolicyRunOptions } from "../../../core/gateway/testing/runPolicy";
import { policySnapshot } from "../../../core/gateway/testing/snapshots";
import { testServices, type TestServices } from "../../../core/gateway/testing/testServices";
import { modelOf } from "../../../core/services/testing/snapshots";
import { startFakeUpstream, type FakeUpstream, type Responder } from "../../../tests/support/fakeUpstream";
import { upstreamProxy } from "../policy";

export const CHAT = { model: "dummy", messages: [{ role: "user", content: "Hello there" }] };

export interface RelayOptions extends PolicyRunOptions {
  readonly endpoints?: readonly UpstreamEndpoint[];
  readonly touch?: (exchange: Exchange) => void;
}

/** For one `describe`: a model server on a real socket, and calls that are metered and relayed to it. */
export class RelayBench {
  upstream!: FakeUpstream;
  services!: TestServices;
  snapshot!: ConfigSnapshot;

  constructor() {
    beforeEach(async () => {
      this.upstream = await startFakeUpstream();
      this.services = await testServices();
      this.snapshot = policySnapshot({ defaultPool: { max: "100", refresh: "0", starting: "10" } });
    });
    afterEach(async () => {
      this.services.upstreamCaller.close();
      await this.upstream.close();
    });
  }

  endpoint(changes: Partial<UpstreamEndpoint> = {}): UpstreamEndpoint {
    return testEndpoint(this.upstream.url, { id: "gpu1", model: "fake-model", ...changes });
  }

  /** Input is 1 coin a million tokens, output 10. */
  run(body: object = CHAT, options: RelayOptions = {}): Promise<PolicyRun> {
    const price = { inputPerMillionNano: coins("1"), outputPerMillionNano: coins("10") };
    return runPolicy(upstreamProxy, {
      services: this.services, snapshot: this.snapshot, body,
      model: modelOf({ name: "dummy", price, endpoints: options.endpoints ?? [this.endpoint()] }),
      ...options,
      prepare: async (exchange) => {
        exchange.meter = await this.services.callMeter.open({
          requestId: exchange.id, owner: exchange.getOwner(), via: "api", operation: exchange.match?.route.operation ?? "chat",
          model: exchange.getModel(), snapshot: exchange.snapshot, body: exchange.getBody(), startedAt: exchange.startedAt,
        });
        options.touch?.(exchange);
      },
    });
  }

  /** The entry of a run, which must be there once the run is over, with books that are right. */
  async entryOf({ exchange }: PolicyRun): Promise<LedgerEntry> {
    const { store } = this.services;
    const entry = await store.usage.entry(exchange.id);
    if (!entry) throw new Error("there is no entry");
    expect(await store.ledger.openHolds()).to.equal(0);
    expect((await store.verifyBooks()).exact).to.equal(true);
    return entry;
  }
}

/** The JSON of a stream's events. */
export function chunksOf(text: string): Record<string, unknown>[] {
  const events = text.split("\n\n").filter((event) => event.startsWith("data: {"));
  return events.map((event) => JSON.parse(event.slice(6)) as Record<string, unknown>);
}

/** The JSON of a stream's named events, each of which must be named as its type says. */
export function eventsOf(text: string): Record<string, unknown>[] {
  return text.split(/\r?\n\r?\n/).filter((record) => record !== "" && !record.startsWith(":")).map((record) => {
    const [, name, data] = /^event: (\S+)\r?\ndata: (.*)$/.exec(record) ?? [];
    const json = JSON.parse(data ?? "") as Record<string, unknown>;
    expect(json["type"]).to.equal(name);
    return json;
  });
}

/** One named event, as servers of responses and messages send it. */
export function sendNamed(respond: Responder, json: { readonly type: string } & Readonly<Record<string, unknown>>): Promise<void> {
  return respond.body(`event: ${json.type}\ndata: ${JSON.stringify(json)}\n\n`);
}
