import { expect } from "chai";
import { CodedError } from "../errors/codedError";
import { StoreUnavailable } from "../errors/storeErrors";
import { definePolicy } from "./definePlugin";
import { errorBody, sendError, sendJson, toCodedError } from "./respond";
import type { Exchange } from "./exchange";
import { runPolicy } from "./testing/runPolicy";

describe("answering", () => {
  const answering = (answer: (exchange: Exchange) => void) => definePolicy({ name: "answering", create: () => (exchange) => answer(exchange) });
  const run = (answer: (exchange: Exchange) => void, method = "GET") => runPolicy(answering(answer), { method });

  it("gives every error one shape: message, type, param, code, and what clients may read besides", () => {
    const error = new CodedError("consent_required", { message: "m", param: "model", extra: { consent_url: "u" } });
    expect(errorBody(error)).to.equal('{"error":{"message":"m","type":"permission_error","param":"model","code":"consent_required","consent_url":"u"}}');
    expect(errorBody(new CodedError("not_found"))).to.include('"param":null');
  });

  it("sends JSON with its length, and to HEAD the length alone", async () => {
    const sent = await run(({ res }) => sendJson(res, 201, { a: "é" }, { "x-a": "b" }));
    expect(sent).to.include({ status: 201, text: '{"a":"é"}' });
    expect(sent.headers).to.include({ "content-type": "application/json; charset=utf-8", "content-length": "10", "x-a": "b" });
    const head = await run(({ res }) => sendJson(res, 200, { a: "é" }), "HEAD");
    expect(head).to.include({ status: 200, text: "" });
    expect(head.headers).to.include({ "content-length": "10" });
  });

  it("does not answer twice", async () => {
    expect(await run(({ res }) => [1, 2].forEach((n) => sendJson(res, 200, { n })))).to.include({ status: 200, text: '{"n":1}' });
  });

  it("drops the headers of the answer that was meant, and keeps the others", async () => {
    const sent = await run(({ req, res }) => {
      res.setHeader("content-encoding", "gzip").setHeader("content-length", 5).setHeader("x-request-id", "r1");
      sendError(req, res, new CodedError("rate_limit_exceeded", { headers: { "retry-after": "7" } }));
    });
    expect(sent).to.include({ status: 429, code: "rate_limit_exceeded" });
    expect(sent.headers).to.include({ "x-request-id": "r1", "retry-after": "7" }).and.not.to.have.property("content-encoding");
  });

  it("cuts an answer that has begun, so that it cannot pass for whole", async () => {
    const sent = await run(({ req, res }) => {
      res.writeHead(200, { "content-type": "text/plain" });
      res.write("half of it");
      setImmediate(() => sendError(req, res, new Error("secret")));
    });
    expect(sent.status).to.equal(200);
    expect(sent.text).not.to.include("secret");
  });

  it("leaves an answer that is whole alone", async () => {
    expect(await run(({ req, res }) => {
      sendJson(res, 200, {});
      sendError(req, res, new Error("late"));
    })).to.include({ status: 200, text: "{}" });
  });

  it("tells callers of coded errors, of a store that is down, and of nothing else", () => {
    expect(toCodedError(new CodedError("not_found")).code).to.equal("not_found");
    expect(toCodedError(new StoreUnavailable("disk full at /data"))).to.include({ code: "store_unavailable", status: 503 });
    for (const thrown of [new Error("secret"), new TypeError("x"), "secret", undefined, null, { status: 400, message: "secret" }]) {
      const coded = toCodedError(thrown);
      expect(coded).to.include({ code: "internal_error", status: 500 });
      expect(errorBody(coded)).not.to.include("secret");
    }
    expect(errorBody(toCodedError(new StoreUnavailable("disk full at /data")))).not.to.include("/data");
  });
});
