import { expect } from "chai";
import { CodedError } from "../errors/codedError";
import { errorBody, operationOfPath } from "./errorShapes";

describe("the shapes of an error", () => {
  const place = { requestId: "r1", operation: "messages" } as const;

  it("W53: for messages is Anthropic's, with our code where its clients look", () => {
    const error = new CodedError("model_not_found", { message: "m", param: "model" });
    expect(JSON.parse(errorBody(error, place))).to.deep.equal({
      type: "error", error: { type: "not_found_error", message: "m", code: "model_not_found", details: { error_code: "model_not_found" }, param: "model" }, request_id: "r1",
    });
    expect(errorBody(error, { requestId: "r1", operation: "count_tokens" })).to.equal(errorBody(error, place));
    expect(JSON.parse(errorBody(error, { requestId: "r1", operation: "responses" }))).to.have.nested.property("error.code", "model_not_found");
    expect(errorBody(error)).to.equal('{"error":{"message":"m","type":"invalid_request_error","param":"model","code":"model_not_found"}}');
  });

  const types = [
    ["invalid_json", "invalid_request_error"], ["invalid_api_key", "authentication_error"], ["consent_required", "permission_error"], ["not_found", "not_found_error"],
    ["method_not_allowed", "invalid_request_error"], ["request_too_large", "request_too_large"], ["insufficient_quota", "rate_limit_error"],
    ["rate_limit_exceeded", "rate_limit_error"], ["internal_error", "api_error"], ["upstream_error", "api_error"], ["overloaded", "overloaded_error"], ["upstream_timeout", "api_error"],
  ] as const;
  for (const [code, type] of types) {
    it(`W53: calls ${code} ${type}`, () => expect(JSON.parse(errorBody(new CodedError(code), place))).to.have.nested.property("error.type", type));
  }

  it("W53: goes by the path, also by one below messages that is not served", () => {
    for (const path of ["/v1/messages", "/messages?beta=true", "/v1/messages/batches", "/v1/messages/"]) expect(operationOfPath(path), path).to.equal("messages");
    expect(operationOfPath("/v1/messages/count_tokens")).to.equal("count_tokens");
    for (const path of [undefined, "/", "/v1/messagesX", "/chat/messages", "/v1/models"]) expect(operationOfPath(path), path).to.equal(undefined);
  });
});
