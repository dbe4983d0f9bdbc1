import { expect } from "chai";
import { modelOf } from "../../services/testing/snapshots";
import { NO_USAGE } from "../../domain/usage";
import type { LedgerEntry } from "../../domain/ledgerEntry";
import type { EndpointView } from "../upstream/pooledEndpoint";
import { createMetrics, type MetricsSources } from "./createMetrics";

const view: EndpointView = { availability: "up", running: 2, unlisted: false, served: 9, failed: 1 };

const sources = (own: Partial<MetricsSources> = {}): MetricsSources => ({
  models: () => [], endpoint: () => view, retries: () => ({ allowed: 8, denied: 1 }), waiting: () => 3, openHolds: async () => 4, journal: () => ({ bytes: 5, unsyncedEvents: 6 }), configStale: () => true, ...own,
});

const entry = (costNano: bigint, over: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id: "r", ownerId: "c-secret", keyId: "k-secret", via: "api", operation: "chat", model: "m", price: { inputPerMillionNano: 0n, outputPerMillionNano: 0n },
  startedAt: 0, usage: { ...NO_USAGE, inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 300 }, costNano, charges: [], settledAt: 0, durationMs: 1_500, firstTokenMs: 200,
  status: 200, flags: [], ...over,
});

describe("metrics", () => {
  const linesOf = async (metrics: ReturnType<typeof createMetrics>) => (await metrics.text()).body.split("\n");

  it("W81: counts requests, tokens and coins by model, and no owner, key or made-up model", async () => {
    const metrics = createMetrics(sources());
    metrics.requestEnded({ model: "m", operation: "chat", status: 200, entry: entry(800_000n) });
    metrics.requestEnded({ model: "m", operation: "chat", status: 200, entry: entry(100n, { charges: [{ pool: "c-secret", chargedNano: 40n, uncollectedNano: 60n }] }) });
    metrics.requestEnded({ model: "m", operation: "chat", status: 499 });
    metrics.requestEnded({ operation: "models", status: 401 });
    const lines = await linesOf(metrics);
    expect(lines).to.include.members([
      'lumen_requests_total{model="m",operation="chat",status="2xx"} 2',
      'lumen_requests_total{model="m",operation="chat",status="4xx"} 1',
      'lumen_requests_total{model="",operation="models",status="4xx"} 1',
      'lumen_tokens_total{model="m",kind="input"} 2000', 'lumen_tokens_total{model="m",kind="cached_input"} 800', 'lumen_tokens_total{model="m",kind="output"} 600',
      'lumen_coins_total{model="m"} 0.0008001', 'lumen_uncollected_coins_total{model="m"} 6e-8',
      'lumen_call_seconds_count{model="m"} 2', 'lumen_first_token_seconds_bucket{le="0.25",model="m"} 2', 'lumen_first_token_seconds_bucket{le="0.1",model="m"} 0',
    ]);
    expect(lines.join("\n")).not.to.contain("secret");
    expect(await linesOf(metrics), "a second scrape counts nothing twice").to.include('lumen_coins_total{model="m"} 0.0008001');
  });

  it("W81: tells what runs, waits and is held, the journal, the process, and each endpoint by its id", async () => {
    const model = modelOf({ name: "m", endpoints: [{ id: "e1", url: "http://secret:8000/v1" } as never] });
    let models = [model, modelOf({ name: "off", disabled: true, endpoints: model.endpoints })];
    const metrics = createMetrics(sources({ models: () => models }));
    metrics.measureInFlight(() => 7);
    metrics.upstreamAnswered("m", 0.2);
    const lines = await linesOf(metrics);
    expect(lines).to.include.members([
      "lumen_requests_in_flight 7", "lumen_queue_waiting 3", "lumen_ledger_open_holds 4", "lumen_store_journal_bytes 5", "lumen_store_journal_unsynced_events 6", "lumen_config_stale 1",
      'lumen_retries_total{model="m",outcome="allowed"} 8', 'lumen_retries_total{model="m",outcome="denied"} 1',
      'lumen_endpoint_up{model="m",endpoint="e1"} 1', 'lumen_endpoint_running{model="m",endpoint="e1"} 2', 'lumen_upstream_seconds_count{model="m"} 1',
    ]);
    expect(lines.some((line) => line.startsWith("nodejs_eventloop_lag_p99_seconds "))).to.equal(true);
    expect(lines.some((line) => line.startsWith("process_resident_memory_bytes "))).to.equal(true);
    expect(lines.join("\n")).not.to.contain("secret").and.not.to.contain('"off"');
    models = [];
    expect((await linesOf(metrics)).some((line) => line.startsWith("lumen_endpoint_up{")), "an endpoint that is gone").to.equal(false);
  });
});
