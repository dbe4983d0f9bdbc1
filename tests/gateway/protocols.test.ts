import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { callApi } from "../support/apiCall";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";

/** Of the official client, for the errors that it makes. */
const caught = (work: Promise<unknown>) => work.then(() => Promise.reject(new Error("it was not refused")), (error: unknown) => error);

describe("responses, messages, moderations and rerank, on the files as they are shipped", () => {
  let lumen: LumenProcess;
  let key: string;
  let openai: OpenAI;
  let anthropic: Anthropic;

  before(async () => {
    lumen = await startLumenProcess();
    key = await lumen.newKey("demo");
    openai = new OpenAI({ apiKey: key, baseURL: `${lumen.url}/v1`, maxRetries: 0 });
    anthropic = new Anthropic({ apiKey: key, baseURL: lumen.url, maxRetries: 0 });
  });
  after(() => lumen.remove());

  const balance = async () => Number((await callApi<{ pool: { balance: string } }>(lumen.url, "/v1/me", { key })).json.pool.balance);

  describe("the official OpenAI client", () => {
    it("W50: asks for a response, whole and streamed", async () => {
      const ask = { model: "dummy", input: "Good morning", max_output_tokens: 300 };
      const { data, response } = await openai.responses.create(ask).withResponse();
      expect(data.output_text).to.contain("Good morning");
      expect(Number(response.headers.get("x-lumen-cost"))).to.be.closeTo(((data.usage?.input_tokens ?? 0) * 0.5 + (data.usage?.output_tokens ?? 0)) / 1e6, 1e-9);
      const final = await openai.responses.stream(ask).finalResponse();
      expect(final.output_text).to.equal(data.output_text);
      expect(final.model).to.equal("dummy");
    });

    it("W51: keeps no state, and finds none", async () => {
      const stateful = await caught(openai.responses.create({ model: "dummy", input: "x", previous_response_id: "resp_1" }));
      expect(stateful).to.be.instanceOf(OpenAI.BadRequestError).and.include({ code: "unsupported_parameter", param: "previous_response_id" });
      expect(await caught(openai.responses.retrieve("resp_1"))).to.be.instanceOf(OpenAI.NotFoundError);
      expect(await caught(openai.responses.delete("resp_1"))).to.be.instanceOf(OpenAI.NotFoundError);
    });

    it("W50: moderates", async () => {
      expect((await openai.moderations.create({ model: "dummy", input: "Good morning" })).results[0]?.flagged).to.equal(false);
    });
  });

  describe("the official Anthropic client", () => {
    const ask = { model: "dummy", max_tokens: 300, messages: [{ role: "user" as const, content: "Good morning" }] };

    it("W50: sends a message, whole and streamed", async () => {
      const whole = await anthropic.messages.create(ask);
      expect(whole).to.include({ model: "dummy", stop_reason: "end_turn" });
      expect(whole._request_id).to.match(/^[0-9a-f-]{36}$/);
      const said = whole.content.map((block) => (block.type === "text" ? block.text : "")).join("");
      expect(said).to.contain("Good morning");
      const streamed = await anthropic.messages.stream(ask).finalText();
      expect(streamed).to.equal(said);
    });

    it("W52: counts tokens, which costs nothing", async () => {
      const before = await balance();
      const { max_tokens: _limit, ...counted } = ask;
      expect((await anthropic.messages.countTokens(counted)).input_tokens).to.be.greaterThan(2);
      expect(await balance()).to.equal(before);
    });

    it("W53: is told what is wrong in its own shape", async () => {
      const unknown = await caught(anthropic.messages.create({ ...ask, model: "nope" }));
      expect(unknown).to.be.instanceOf(Anthropic.NotFoundError).and.include({ type: "not_found_error", errorCode: "model_not_found" });
      expect((unknown as InstanceType<typeof Anthropic.NotFoundError>).requestID).to.match(/^[0-9a-f-]{36}$/);
      const stranger = new Anthropic({ apiKey: "sk_nobody", baseURL: lumen.url, maxRetries: 0 });
      expect(await caught(stranger.messages.create(ask))).to.be.instanceOf(Anthropic.AuthenticationError).and.include({ type: "authentication_error" });
      const failing = caught(anthropic.messages.create({ ...ask, messages: [{ role: "user", content: "!fault status=422" }] }));
      expect(await failing).to.be.instanceOf(Anthropic.UnprocessableEntityError).and.include({ type: "invalid_request_error" });
    });

    it("W55: throws at a stream that breaks off, after what came", async () => {
      let came = "";
      const stream = anthropic.messages.stream({ ...ask, messages: [{ role: "user", content: "!fault words=20 cut=5" }] }).on("text", (piece) => void (came += piece));
      const error = await caught(stream.finalMessage());
      expect(error).to.be.instanceOf(Anthropic.APIError).and.include({ type: "api_error" });
      expect(came.match(/word/g)).to.have.length(5);
    });
  });

  const early: [string, string, Parameters<typeof callApi>[2], number, string][] = [
    ["another method", "/v1/messages", { method: "GET" }, 405, "invalid_request_error"],
    ["a path that is not served", "/v1/messages/batches", { method: "POST" }, 404, "not_found_error"],
    ["a slash at the end", "/v1/messages/", { method: "POST" }, 404, "not_found_error"],
    ["no key", "/v1/messages/count_tokens", { method: "POST" }, 401, "authentication_error"],
  ];
  for (const [what, path, options, status, type] of early) {
    it(`W53: ${status} of ${path} in Anthropic's shape: ${what}`, async () => {
      const answer = await callApi<{ type: string; error: object; request_id: string }>(lumen.url, path, options);
      expect(answer.status).to.equal(status);
      expect(answer.json).to.include({ type: "error", request_id: answer.headers.get("x-request-id") });
      expect(answer.json.error).to.include({ type });
    });
  }

  it("W53: 431 of a head that is too long, before anybody has read it, goes by its path", async () => {
    const { hostname, port } = new URL(lumen.url);
    const socket = connect(Number(port), hostname);
    socket.write(`POST /v1/messages HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(40_000)}\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).to.match(/^HTTP\/1\.1 431 /);
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).to.deep.include({ type: "error" }).and.have.nested.property("error.code", "headers_too_large");
  });

  it("W50: puts documents in order", async () => {
    const body = { model: "dummy", query: "how tall is the tower", documents: ["cats sleep", "the tower is tall"] };
    const answer = await callApi<{ model: string; results: { index: number }[] }>(lumen.url, "/v1/rerank", { key, body });
    expect(answer.json.results[0]).to.include({ index: 1 });
    expect(Number(answer.headers.get("x-lumen-cost"))).to.be.greaterThan(0);
  });

  describe("after all of them", () => {
    it("the books are exact", async () => {
      expect(await lumen.stop()).to.equal(0);
      expect((await lumen.cli("ledger", "verify")).stdout).to.contain("exact");
    });
  });
});
