import { expect } from "chai";
import { rename, writeFile } from "node:fs/promises";
import { revisionOf } from "../../core/config/build/buildSnapshot";
import { callApi, chatBody } from "../support/apiCall";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

const APP = "https://app.example.edu";
const preflight = (origin: string, more: Readonly<Record<string, string>> = {}) =>
  ({ method: "OPTIONS", headers: { origin, "access-control-request-method": "POST", ...more } });

describe("calls from the pages of others", () => {
  let lumen: LumenProcess;
  let key: string;

  before(async () => {
    lumen = await startLumenProcess({ config: testConfig() });
    key = await lumen.newKey("bot");
  });
  after(() => lumen.remove());

  it("W83: a preflight needs no key, and is told the methods of the path and the headers it asked for", async () => {
    const asked = "Authorization, content-type,x-stainless-retry-count, x-forwarded-for, cookie, b@d";
    const { status, headers, text } = await callApi(lumen.url, "/v1/chat/completions", preflight(APP, { "access-control-request-headers": asked }));
    expect([status, text]).to.deep.equal([204, ""]);
    expect(headers.get("access-control-allow-origin")).to.equal("*");
    expect(headers.get("access-control-allow-methods")).to.equal("POST");
    expect(headers.get("access-control-allow-headers")).to.equal("authorization, content-type, x-stainless-retry-count");
    expect(headers.get("access-control-max-age")).to.equal("7200");
    expect(headers.has("access-control-allow-credentials")).to.equal(false);
    expect((await callApi(lumen.url, "/v1/models/a%2Fb", preflight(APP))).headers.get("access-control-allow-methods")).to.equal("GET, HEAD");
  });

  it("W83: answers, streams and errors may be read, with their headers", async () => {
    const calls = [
      await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m", "x", { max_tokens: 3 }), headers: { origin: APP } }),
      await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m", "x", { max_tokens: 3, stream: true }), headers: { origin: APP } }),
      await callApi(lumen.url, "/v1/chat/completions", { body: chatBody("m"), headers: { origin: APP } }),
      await callApi(lumen.url, "/v1/chat/completions", { headers: { origin: APP } }),
      await callApi(lumen.url, "/v1/nothing", { headers: { origin: APP } }),
    ];
    expect(calls.map(({ status }) => status)).to.deep.equal([200, 200, 401, 405, 404]);
    for (const { headers, status } of calls) {
      expect(headers.get("access-control-allow-origin"), String(status)).to.equal("*");
      expect(headers.get("access-control-expose-headers")?.split(", ")).to.include.members(["x-request-id", "x-lumen-cost", "retry-after", "x-ratelimit-remaining-requests"]);
      expect(headers.has("access-control-allow-credentials")).to.equal(false);
    }
  });

  it("W83: pages and health have none of it, nor has a call that comes from no page", async () => {
    for (const path of ["/", "/sign-in", "/healthz", "/readyz"]) {
      expect((await callApi(lumen.url, path, { headers: { origin: APP } })).headers.has("access-control-allow-origin"), path).to.equal(false);
    }
    expect((await callApi(lumen.url, "/sign-in", preflight(APP))).headers.has("access-control-allow-origin")).to.equal(false);
    expect((await callApi(lumen.url, "/v1/models", { key })).headers.has("access-control-allow-origin")).to.equal(false);
  });

  it("W42: OPTIONS that is no preflight is 405", async () => {
    const answer = await callApi(lumen.url, "/v1/models", { method: "OPTIONS", key });
    expect(answer.status).to.equal(405);
    expect(answer.headers.get("allow")).to.equal("GET, HEAD");
  });

  it("W83: only the pages that the file names, from the next request after it changes; none where it names none", async () => {
    const allow = async (origins: readonly string[]) => {
      const text = testConfig({ more: { api: { cors: { origins } } } });
      await writeFile(`${lumen.configFile}.new`, text);
      await rename(`${lumen.configFile}.new`, lumen.configFile);
      await lumen.printed(new RegExp(`"revision":"${revisionOf(text)}".*is in force`));
    };
    await allow([`${APP}/`]);
    const ours = await callApi(lumen.url, "/v1/chat/completions", preflight(APP));
    expect([ours.status, ours.headers.get("access-control-allow-origin"), ours.headers.get("vary")]).to.deep.equal([204, APP, "origin"]);
    for (const origin of ["https://other.example.edu", "https://app.example.edu.evil.org", "http://app.example.edu", "null"]) {
      const { status, headers } = await callApi(lumen.url, "/v1/chat/completions", preflight(origin));
      expect([status, headers.has("access-control-allow-origin"), headers.has("access-control-allow-methods")], origin).to.deep.equal([204, false, false]);
    }
    await allow([]);
    expect((await callApi(lumen.url, "/v1/chat/completions", preflight(APP))).status).to.equal(405);
  });
});
