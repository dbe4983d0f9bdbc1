import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { callApi, chatBody, type ApiError } from "../support/apiCall";
import { prepareLumen, startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { shipped, withPlugin, withPolicy, writePlugin } from "../support/testPlugin";

const MISBEHAVING = `
const how = {
  throws: () => { throw new Error("secret inside"); },
  rejects: async () => { throw new Error("secret inside"); },
  later: () => new Promise((_, reject) => setImmediate(() => reject(new Error("secret inside")))),
  forgotten: (exchange, next) => { Promise.reject(new Error("secret inside")); next(); },
  twice: (exchange, next) => { next(); next(); },
  never: () => undefined,
};
module.exports = definePlugin({
  name: "misbehaving", summary: "does what its caller asks for",
  policies: [definePolicy({ name: "misbehave", create: () => (exchange, next) => {
    const what = exchange.req.headers["x-misbehave"];
    return what ? how[what](exchange, next) : next();
  } })],
});`;

describe("policies that misbehave", () => {
  let folder: string;
  let lumen: LumenProcess;
  let key: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "lumen-plugin-"));
    const location = await writePlugin(folder, "misbehaving", MISBEHAVING);
    lumen = await startLumenProcess({
      systemConfig: withPlugin("misbehaving", location),
      gatewayConfig: withPolicy("misbehave", "consent"),
      env: { LUMEN_POLICY_TIMEOUT_MS: "300" },
    });
    key = await lumen.newKey("bot");
  });
  after(async () => {
    await lumen.remove();
    await rm(folder, { recursive: true });
  });

  for (const [how, status, code] of [
    ["throws", 500, "internal_error"],
    ["rejects", 500, "internal_error"],
    ["later", 500, "internal_error"],
    ["never", 500, "policy_timeout"],
    ["forgotten", 200, undefined],
    ["twice", 200, undefined],
  ] as const) {
    it(`one that ${how}: ${status}, no stack, and the process lives`, async () => {
      const answer = await callApi<ApiError>(lumen.url, "/v1/chat/completions", { key, body: chatBody("dummy", "x", { max_tokens: 3 }), headers: { "x-misbehave": how } });
      expect(answer.status).to.equal(status);
      if (code) expect(answer.json.error.code).to.equal(code);
      expect(answer.text).not.to.contain("secret").and.not.to.match(/\.js:\d/);
      expect((await callApi(lumen.url, "/healthz")).status).to.equal(200);
    });
  }
});

describe("a start that is refused", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "lumen-plugin-"));
  });
  after(() => rm(folder, { recursive: true }));

  const refusal = async (options: Parameters<typeof prepareLumen>[0]): Promise<string> => {
    const lumen = await prepareLumen(options);
    try {
      const error = await lumen.start().then(() => new Error("it started"), (refused: Error) => refused);
      expect(error.message).to.contain("it ended with 1").and.to.contain("Lumen did not start").and.not.to.match(/\n\s+at /);
      return error.message;
    } finally {
      await lumen.remove();
    }
  };

  it("a plugin with a missing import is named with what it misses", async () => {
    const location = await writePlugin(folder, "broken", 'require("./not-there");');
    expect(await refusal({ systemConfig: withPlugin("broken", location) })).to.match(/system\.config\.yml:\d+:\d+: plugin 'broken'.*not-there/);
  });

  it("a plugin that is not there, and one that throws as it loads", async () => {
    expect(await refusal({ systemConfig: withPlugin("gone", "./plugins/gone") })).to.contain("plugin 'gone'");
    const location = await writePlugin(folder, "thrower", 'throw new Error("not today");');
    expect(await refusal({ systemConfig: withPlugin("thrower", location) })).to.contain("not today");
  });

  it("coin-metering after upstream-proxy", async () => {
    const swapped = shipped("gateway.config.yml").replace("      - coin-metering:\n      - upstream-proxy:\n", "      - upstream-proxy:\n      - coin-metering:\n");
    expect(await refusal({ gatewayConfig: swapped })).to.match(/gateway\.config\.yml:\d+:\d+: .*'coin-metering' must stand before 'upstream-proxy'/);
  });

  for (const [what, from, to, message] of [
    ["no key-auth at all", "    policies:\n      - lumen-key-auth:\n      - lumen-rate-limit:\n      - model-access:\n", "    policies:\n      - model-access:\n", "'lumen-key-auth' must stand before"],
    ["a policy that is not declared", "      - consent:\n", "      - consent:\n      - cors:\n", "not listed under policies"],
    ["a policy that nobody brings", "  - account\n", "  - account\n  - made-up\n", "there is no policy 'made-up'"],
    ["a parameter that is unknown", "      - model-access:\n", "      - model-access:\n          - action: {explian: false}\n", "unknown parameter 'explian'"],
    ["a condition that would leave metering out", "      - coin-metering:\n", "      - coin-metering:\n          - condition: {name: never}\n", "has a condition"],
    ["a key that is unknown", "apiEndpoints:\n  inference", "apiEndpints: {}\napiEndpoints:\n  inference", "unknown key 'apiEndpints'"],
    ["a variable that is not set", "port: ${PORT:-8080}", "port: ${LUMEN_NO_SUCH_PORT}", "LUMEN_NO_SUCH_PORT is not set"],
    ["YAML that is none", "http:\n", "http: [\n", "gateway.config.yml:"],
  ] as const) {
    it(what, async () => {
      const text = shipped("gateway.config.yml");
      expect(text).to.contain(from);
      expect(await refusal({ gatewayConfig: text.replace(from, to) })).to.contain(message).and.to.match(/gateway\.config\.yml:\d+:\d+: /);
    });
  }

  it("a config.yaml with faults: each with its line and column", async () => {
    const message = await refusal({ config: "models:\n  - name: a\n    endpoints: []\n  - name: b\n    inputcost: 1\n    endpoints: [{url: http://x/v1}]\n" });
    expect(message).to.match(/config\.yaml:3:\d+: /).and.to.match(/config\.yaml:5:\d+: .*inputcost/);
  });

  it("a second process on the same data folder", async () => {
    const lumen = await startLumenProcess({ store: "embedded" });
    try {
      expect(await refusal({ store: "embedded", env: { LUMEN_DATA: lumen.env["LUMEN_DATA"] ?? "" } })).to.contain(String(lumen.child.pid));
    } finally {
      await lumen.remove();
    }
  });
});

describe("the host's own policies and conditions, beside ours", () => {
  let lumen: LumenProcess;
  let key: string;

  before(async () => {
    const gatewayConfig = shipped("gateway.config.yml")
      .replace("policies:\n  - lumen-key-auth\n", "policies:\n  - cors\n  - headers\n  - log\n  - expression\n  - terminate\n  - request-transformer\n  - response-transformer\n  - lumen-key-auth\n")
      .replace(
        "    policies:\n      - lumen-key-auth:\n      - lumen-rate-limit:\n      - model-access:\n",
        `    policies:
      - cors:
          - action: {origin: "https://app.example.edu"}
      - log:
          - action: {message: "asked for \${req.url} as \${requestID}"}
      - headers:
          - action: {headersPrefix: "x-front-", forwardHeaders: {stage: "'one'"}}
      - terminate:
          - condition: {name: expression, expression: "req.headers['x-closed'] === 'yes'"}
            action: {statusCode: 418, message: "closed"}
      - request-transformer:
          - condition: {name: expression, expression: "req.headers['x-cap'] === 'yes'"}
            action: {body: {add: {max_tokens: "2"}}}
      - lumen-key-auth:
      - lumen-rate-limit:
      - model-access:
`,
      );
    lumen = await startLumenProcess({ gatewayConfig });
    key = await lumen.newKey("bot");
  });
  after(() => lumen.remove());

  const call = (headers: Record<string, string> = {}) =>
    callApi<{ usage: { completion_tokens: number } }>(lumen.url, "/v1/chat/completions", { key, headers, body: chatBody("dummy", "x", { max_tokens: 9 }) });

  it("cors and log work, with our request id", async () => {
    const answer = await call({ origin: "https://app.example.edu" });
    expect(answer.status).to.equal(200);
    expect(answer.headers.get("access-control-allow-origin")).to.equal("https://app.example.edu");
    await lumen.printed(`asked for /v1/chat/completions as ${answer.headers.get("x-request-id")}`);
  });

  it("cors answers a preflight before a key is asked for", async () => {
    const answer = await callApi(lumen.url, "/v1/chat/completions", { method: "OPTIONS", headers: { origin: "https://app.example.edu", "access-control-request-method": "POST" } });
    expect(answer.status).to.equal(204);
    expect(answer.headers.get("access-control-allow-origin")).to.equal("https://app.example.edu");
  });

  it("W42: where the host's cors speaks ours says nothing, on any path", async () => {
    const headers = { origin: "https://other.example.edu" };
    expect((await callApi(lumen.url, "/v1/models", { key, headers })).headers.has("access-control-allow-origin")).to.equal(false);
    expect((await call(headers)).headers.get("access-control-expose-headers")).to.equal(null);
  });

  it("terminate under a condition ends the call", async () => {
    const answer = await call({ "x-closed": "yes" });
    expect([answer.status, answer.text]).to.deep.equal([418, "closed"]);
  });

  it("request-transformer changes the body that is metered and sent", async () => {
    expect((await call()).json.usage.completion_tokens).to.equal(9);
    expect((await call({ "x-cap": "yes" })).json.usage.completion_tokens).to.equal(2);
  });
});

describe("the host's own policies", () => {
  it("find the host's database, which is opened when the first of them asks", async () => {
    const text = shipped("gateway.config.yml");
    const own = "      - rate-limit: [{action: {max: 100, windowMs: 60000}}]\n      - key-auth: [{action: {}}]\n";
    const lumen = await startLumenProcess({
      gatewayConfig: text.replace("policies:\n  - lumen", "policies:\n  - rate-limit\n  - key-auth\n  - lumen").replace("apiEndpoints: [account]\n    policies:\n", (found) => found + own),
    });
    try {
      for (const remaining of ["99", "98"]) {
        const answer = await callApi(lumen.url, "/v1/me", { headers: { authorization: "apiKey nobody:nothing" } });
        expect(answer.status).to.equal(401);
        expect(answer.headers.get("x-ratelimit-remaining")).to.equal(remaining);
      }
    } finally {
      await lumen.remove();
    }
  });
});
