import { expect } from "chai";
import { parse } from "yaml";
import { faultLine } from "./fault";
import { keyTable } from "./keyTable";
import { parseConfig } from "./parseConfig";

/** Each key once, with a value that is not its default. */
const EVERY_KEY = `
version: 2
app:
  name: Lumen at X
  tagline: Light
  secret_key: \${LUMEN_SECRET_KEY:-s3cret}
  base_url: https://lumen.example.edu/
  institution: {name: X, url: https://x.example.edu}
  support_email: help@example.edu
  links: [{label: Status, url: /status}, {label: Mail, url: "mailto:a@b"}]
  about: "# About"
  announcement: <b>Hello</b>
  theme: uic
  email_themes: {"@UIC.edu": uic}
  github_url: https://github.com/x/y
  gravatar: false
  debug: true
  dev_user: {email: Dev@example.com, groups: [staff]}
  logs: {level: debug, access: false, model: true}
store: {url: "postgres://lumen:pw@db/lumen", lease_seconds: 30}
server: {body_limit_mb: 1.5, grace_seconds: 0.5, trust_proxy: true, workers: auto}
retention: {conversations_days: 30, usage_days: 60, audit_days: 90}
oauth2:
  client_id: id
  client_secret: secret
  server_metadata_url: https://idp.example/.well-known/openid-configuration
  redirect_uri: https://lumen.example.edu/callback/
  scopes: openid email
  params: {idphint: urn:x}
  allow_unverified_email: true
admins: [Admin@example.com]
api:
  consent: false
  cors: {origins: ["https://App.example.edu/"]}
  monitoring: {token: mon}
  prometheus: {enabled: true, token: prom}
chat:
  upload: {max_size_mb: 2, max_text_chars: 9, allowed_extensions: [.TXT, md]}
rate_limiting: {limit: ["300 per minute", 9/second], concurrent: 3}
coins: {free_models_when_exhausted: true, minimum_output_tokens: 1, default_output_tokens: 2, low_balance_percent: 12.5}
consent: {renew_on_change: false}
defaults:
  models: {access: graylist, ack_message: Global.}
  tokens: {max: 1, refresh: 2, starting: 3}
groups:
  staff:
    max: 200
    refresh: 5
    starting: 100
    rules: [{field: affiliation, contains: staff@example.edu}, {field: idp, equals: "urn:x"}]
    model_access: &access {default: allowed, whitelist: [m], blacklist: [x1], graylist: [x2], allowed: [x3], blocked: [x4], needs_ack: [x5]}
users:
  default: {groups: [staff], max: 50, refresh: 1, starting: 50, model_access: *access}
clients:
  research-bot: {groups: [staff], max: -2, refresh: 1.0, starting: 500.0, model_access: *access}
models:
  - name: m
    disabled: false
    active: true
    access: graylist
    needs_ack: true
    ack_message: Own.
    input_cost_per_million: 0.5
    output_cost_per_million: 1.0
    cached_input_cost_per_million: 0.25
    cache_write_cost_per_million: 0.625
    audio_cost_per_hour: 0.36
    million_characters_cost: 15
    image_cost: 0.04
    request_cost: 0.001
    description: A model.
    url: https://model.example
    notice: Busy at noon.
    context_window: 131072
    max_input_tokens: 100000
    max_output_tokens: 8192
    knowledge_cutoff: 2025-04
    supports_reasoning: false
    supports_function_calling: true
    input_modalities: [text, image]
    output_modalities: [text, audio]
    max_concurrency: 7
    capabilities: [chat, messages]
    stored_references: true
    endpoints:
      - url: http://gpu1:8000/v1/
        api_key: \${GPU1_KEY:-none}
        model: meta-llama/Llama-3.1-8B
        auth: x-api-key
        headers: {X-Team: lumen}
        ca_file: /etc/ca.pem
        output_limit_field: both
        weight: 2
        slow_start_seconds: 0
        paths:
          chat: /api/chat
          completions: /c
          responses: /r
          embeddings: /e
          moderations: /mo
          rerank: /re
          transcriptions: /tc
          translations: /tl
          speech: /s
          images: /i
          messages: /anthropic/v1/messages
        max_concurrency: 4
        stream_usage: false
        continuous_usage: true
        health: {path: /health, interval_seconds: 1, timeout_seconds: 0.25}
        timeouts: {connect_seconds: 1, headers_seconds: 2, idle_seconds: 3}
  - {name: x1, input_cost_per_million: 0, output_cost_per_million: 0, endpoints: &demo [{url: "demo:"}]}
  - {name: x2, input_cost_per_million: 0, output_cost_per_million: 0, endpoints: *demo}
  - {name: x3, input_cost_per_million: 0, output_cost_per_million: 0, endpoints: *demo}
  - {name: x4, input_cost_per_million: 0, output_cost_per_million: 0, endpoints: *demo}
  - {name: x5, input_cost_per_million: 0, output_cost_per_million: 0, endpoints: *demo}
demo: {enabled: true}
`;

describe("every key", () => {
  const { snapshot, faults } = parseConfig(EVERY_KEY, { file: "c.yaml", themes: ["default", "uic"], loadedAt: 7 });

  it("is known, and together they load without a warning", () => {
    expect(faults.map(faultLine)).to.deep.equal([]);
  });

  it("is in the file above", () => {
    const file: unknown = parse(EVERY_KEY);
    const missing = keyTable().filter(({ path }) => !holds(file, path.split(/\.|(?=\[\])/))).map(({ path }) => path);
    expect(missing).to.deep.equal([]);
  });

  it("reaches the snapshot: sections", () => {
    const { app, logs, store, server, api, coins, consent, rateLimiting, admins, demo } = snapshot!;
    expect(app).to.deep.equal({ name: "Lumen at X", baseUrl: "https://lumen.example.edu", debug: true });
    expect(logs).to.deep.equal({ level: "debug", access: false, model: true });
    expect(store).to.deep.equal({ url: "postgres://lumen:pw@db/lumen", leaseSeconds: 30 });
    expect(server).to.deep.equal({ bodyLimitBytes: 1_572_864, graceMs: 500, trustProxy: true, workers: "auto" });
    expect(api).to.deep.equal({ consent: false, monitoringToken: "mon", corsOrigins: ["https://app.example.edu"] });
    expect(coins).to.deep.equal({ freeModelsWhenExhausted: true, minimumOutputTokens: 1, defaultOutputTokens: 2, lowBalancePercent: 12.5 });
    expect([consent.renewOnChange, demo.enabled, [...admins]]).to.deep.equal([false, true, ["admin@example.com"]]);
    expect(rateLimiting).to.deep.equal({
      windows: [{ limit: 300, seconds: 60, text: "300 per minute" }, { limit: 9, seconds: 1, text: "9/second" }], concurrent: 3,
    });
  });

  it("reaches the snapshot: what pages and sign-in read", () => {
    expect(snapshot!.sections).to.deep.equal({
      branding: {
        tagline: "Light", institution: { name: "X", url: "https://x.example.edu" }, supportEmail: "help@example.edu",
        links: [{ label: "Status", url: "/status" }, { label: "Mail", url: "mailto:a@b" }], about: "# About", announcement: "<b>Hello</b>",
        theme: "uic", emailThemes: new Map([["@uic.edu", "uic"]]), githubUrl: "https://github.com/x/y", gravatar: false,
      },
      secretKey: "s3cret",
      devUser: { email: "dev@example.com", groups: ["staff"] },
      oauth2: {
        clientId: "id", clientSecret: "secret", serverMetadataUrl: "https://idp.example/.well-known/openid-configuration",
        redirectUri: "https://lumen.example.edu/callback/", scopes: "openid email", params: { idphint: "urn:x" }, allowUnverifiedEmail: true,
      },
      upload: { maxBytes: 2_097_152, maxTextChars: 9, allowedExtensions: ["txt", "md"] },
      retention: { conversationsDays: 30, usageDays: 60, auditDays: 90 },
      prometheus: { enabled: true, token: "prom" },
    });
  });

  it("reaches the snapshot: a model", () => {
    const { endpoints: [endpoint], price, at, access, notice, noticeHash, ...rest } = snapshot!.models.get("m")!;
    expect(rest).to.deep.equal({
      name: "m", disabled: false, needsAck: true, description: "A model.", url: "https://model.example", remark: "Busy at noon.",
      contextWindow: 131_072, maxInputTokens: 100_000, maxOutputTokens: 8192, knowledgeCutoff: "2025-04", supportsReasoning: false,
      supportsFunctionCalling: true, inputModalities: ["text", "image"], outputModalities: ["text", "audio"], maxConcurrency: 7,
      capabilities: ["chat", "messages"], storedReferences: true,
    });
    expect([at.column, access?.value, notice, noticeHash.length]).to.deep.equal([5, "graylist", "Own.", 64]);
    expect(price).to.deep.equal({
      inputPerMillionNano: 500_000_000n, outputPerMillionNano: 1_000_000_000n, cachedInputPerMillionNano: 250_000_000n,
      cacheWritePerMillionNano: 625_000_000n, audioPerHourNano: 360_000_000n, perMillionCharactersNano: 15_000_000_000n,
      perImageNano: 40_000_000n, perRequestNano: 1_000_000n,
    });
    expect(endpoint).to.deep.equal({
      id: endpoint!.id, url: "http://gpu1:8000/v1", apiKey: "none", model: "meta-llama/Llama-3.1-8B", auth: "x-api-key", headers: { "X-Team": "lumen" },
      caFile: "/etc/ca.pem", outputLimitField: "both", weight: 2, slowStartMs: 0, maxConcurrency: 4, streamUsage: false, continuousUsage: true,
      paths: {
        chat: "/api/chat", completions: "/c", responses: "/r", embeddings: "/e", moderations: "/mo", rerank: "/re", transcriptions: "/tc",
        translations: "/tl", speech: "/s", images: "/i", messages: "/anthropic/v1/messages",
      },
      health: { path: "/health", intervalMs: 1000, timeoutMs: 250 }, timeouts: { connectMs: 1000, headersMs: 2000, idleMs: 3000 },
    });
    expect(endpoint!.id).to.match(/^[0-9a-f]{12}$/);
  });

  it("reaches the snapshot: layers", () => {
    const { groups, users, clients, defaults } = snapshot!;
    expect(groups.get("staff")?.rules).to.deep.equal([
      { field: "affiliation", test: "contains", value: "staff@example.edu" }, { field: "idp", test: "equals", value: "urn:x" },
    ]);
    expect(users.default?.groups).to.deep.equal(["staff"]);
    const pool = clients.byName.get("research-bot")?.pool;
    expect([pool?.max?.value, pool?.refresh?.value, pool?.starting?.value]).to.deep.equal(["unlimited", 1_000_000_000n, 500_000_000_000n]);
    expect([defaults.access.value, defaults.pool?.max?.value]).to.deep.equal(["graylist", 1_000_000_000n]);
    const words = [...(groups.get("staff")?.access?.models ?? [])].map(([name, { value }]) => `${name} ${value}`);
    expect(words).to.have.members(["m whitelist", "x1 blacklist", "x2 graylist", "x3 whitelist", "x4 blacklist", "x5 graylist"]);
  });
});

/** Is there a value at this path of the table, in any element and under any name? */
function holds(value: unknown, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return value !== undefined;
  if (typeof value !== "object" || value === null) return false;
  if (step === "[]" || step.startsWith("<")) return Object.values(value).some((one) => holds(one, rest));
  return holds((value as Record<string, unknown>)[step], rest);
}
